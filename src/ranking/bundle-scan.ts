/** Finds published bundles: `<models>/<name>/<version>/manifest.json`. A folder without a manifest is not there yet. */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from './bundle-error.js';
import { NAME_PATTERN, VERSION_PATTERN } from './manifest.js';
import { compareVersions } from './version-order.js';

export const NAMES_MAX = 64;
/** Of one name; the latest are taken. */
export const VERSIONS_MAX = 64;

export interface FoundBundle {
  readonly name: string;
  readonly version: string;
  readonly dir: string;
  /** Changes when the bundle was published anew. */
  readonly stamp: string;
}

/** By name, latest version first; nothing when the directory is missing. */
export async function findBundles(models: string): Promise<FoundBundle[]> {
  const names = (await folders(models)).filter((name) => NAME_PATTERN.test(name)).sort();
  const found: FoundBundle[] = [];
  for (const name of names.slice(0, NAMES_MAX)) {
    const versions = (await folders(join(models, name))).filter((version) => VERSION_PATTERN.test(version));
    versions.sort((a, b) => compareVersions(b, a));
    for (const version of versions.slice(0, VERSIONS_MAX)) {
      const dir = join(models, name, version);
      const stamp = await stampOf(dir);
      if (stamp !== undefined) found.push({ name, version, dir, stamp });
    }
  }
  return found;
}

async function folders(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return [];
    throw error;
  });
  return entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink()).map((entry) => entry.name);
}

async function stampOf(dir: string): Promise<string | undefined> {
  const [folder, manifest] = await Promise.all([
    lstat(dir).catch(() => undefined),
    lstat(join(dir, 'manifest.json')).catch(() => undefined),
  ]);
  if (folder === undefined || manifest === undefined) return undefined;
  return [folder.ino, manifest.ino, manifest.size, manifest.mtimeMs].join(':');
}
