/** Makes directories where `mkdir`'s own `recursive` would not do. */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf } from './system-error.js';

/**
 * A directory and what is missing above it; nothing where it is there. Node's `recursive` takes ENOENT for a missing parent and
 * never ends where a file system says so of any new name, as /proc does.
 *
 * @throws the system's error, such as EACCES; ENOTDIR where something else has the name
 */
export function makeDirectory(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') {
      if (statSync(path).isDirectory()) return;
      throw Object.assign(new Error(`ENOTDIR: not a directory, mkdir '${path}'`), { code: 'ENOTDIR' });
    }
    const above = dirname(path);
    if (code !== 'ENOENT' || existsSync(above)) throw error;
    makeDirectory(above);
    makeDirectory(path);
  }
}
