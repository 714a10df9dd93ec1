/** A directory that appears whole or not at all. */
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { SegueError } from '../../errors.js';

/**
 * Fills a directory beside `out` and renames it when `fill` is done; what failed is removed.
 *
 * @param force replace `out` where it exists
 * @throws SegueError when `out` exists and may not be replaced
 */
export async function intoPlace<T>(out: string, force: boolean, fill: (partial: string) => Promise<T>): Promise<T> {
  const path = resolve(out);
  if (existsSync(path) && !force) {
    throw new SegueError(
      'SEGUE_INVALID_ARGUMENT',
      `${out} exists: name another directory, or replace it with --force`,
      'out',
    );
  }
  const partial = `${path}.partial-${process.pid}`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(dirname(path), { recursive: true });
  await mkdir(partial);
  try {
    const result = await fill(partial);
    await replace(path, partial);
    return result;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function replace(path: string, partial: string): Promise<void> {
  const old = `${path}.old-${process.pid}`;
  const replaces = existsSync(path);
  if (replaces) await rename(path, old);
  try {
    await rename(partial, path);
  } catch (error) {
    if (replaces) await rename(old, path);
    throw error;
  }
  await rm(old, { recursive: true, force: true });
}
