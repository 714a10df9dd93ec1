/** The directory of the live tables, looked at without LMDB, which ends the process that opens a bad one. */
import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectory } from '../../make-directory.js';
import { checkDataFile, DATA_FILE } from './data-file.js';

const LOCK_FILE = 'lock.mdb';

export function liveDirectoryIn(dataDir: string): string {
  return join(dataDir, 'live');
}

/**
 * Makes it where it is missing.
 *
 * @throws Error that says why no process could open it
 */
export function checkLiveDirectory(dataDir: string): void {
  const directory = liveDirectoryIn(dataDir);
  makeDirectory(directory);
  accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  for (const name of [DATA_FILE, LOCK_FILE]) {
    const path = join(directory, name);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) continue;
    if (!found.isFile()) throw new Error(`${path} is no file`);
    accessSync(path, constants.R_OK | constants.W_OK);
  }
  checkDataFile(directory);
}
