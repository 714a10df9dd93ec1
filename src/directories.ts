/** The directories that a start needs, looked at before anything is loaded: once, by whoever starts the serving processes. */
import { accessSync, constants } from 'node:fs';
import type { Config } from './config.js';
import { makeDirectory } from './make-directory.js';
import { directoryError } from './process/directory-error.js';
import { checkLiveDirectory } from './store/lmdb/live-directory.js';

/**
 * Makes them where they are missing.
 *
 * @throws HopelessError
 */
export function prepareDirectories({ store, dataDir, events }: Pick<Config, 'store' | 'dataDir' | 'events'>): void {
  if (store === 'lmdb') {
    try {
      checkLiveDirectory(dataDir);
    } catch (error) {
      throw directoryError(error, 'dataDir', dataDir);
    }
  }
  try {
    makeDirectory(events.dir);
    accessSync(events.dir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw directoryError(error, 'events.dir', events.dir);
  }
}
