/** A directory that cannot be used. */
import { keyNamed } from '../config.js';
import { HopelessError } from './hopeless-error.js';

export function directoryError(error: unknown, path: 'dataDir' | 'events.dir', directory: string): HopelessError {
  const why = error instanceof Error ? error.message : String(error);
  return new HopelessError(
    `${keyNamed(path)}: given ${JSON.stringify(directory)}; allowed: a directory that can be made, read and written; here: ${why}`,
    { cause: error },
  );
}
