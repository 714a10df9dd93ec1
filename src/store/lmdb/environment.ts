/** One LMDB environment: a directory with `data.mdb` and `lock.mdb`, holding the tables of one generation, or the live ones. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import type { RootDatabase } from 'lmdb';
import { makeDirectory } from '../../make-directory.js';
import { StoreError } from '../row-store.js';
import { checkDataFile, DATA_FILE } from './data-file.js';

/** Processes and their threads with a read transaction at once; LMDB's own default is 126. */
const READERS_MAX = 1024;
/** Address space, not memory or disk; grows when exceeded. */
export const MAP_BYTES_INITIAL = 2 ** 30;

export type EnvironmentMode = 'read' | 'write';

export interface Environment {
  readonly directory: string;
  readonly mode: EnvironmentMode;
  /** Keys are `<table>\0<row key>`; the key `<table>\0` alone says that the table exists. */
  readonly rows: RootDatabase<Uint8Array, Uint8Array>;
  /** Of `data.mdb`: tells when the directory was replaced by another of the same name. */
  readonly inode: number;
}

/** The inode of the environment's data file, or `undefined` where there is none. */
export function inodeOf(directory: string): number | undefined {
  return statSync(join(directory, DATA_FILE), { throwIfNoEntry: false })?.ino;
}

/** @throws StoreError `no-table` when reading and there is none, else `unavailable` */
export function openEnvironment(directory: string, mode: EnvironmentMode, mapBytes: number): Environment {
  if (mode === 'read' && inodeOf(directory) === undefined) {
    throw new StoreError('no-table', `no rows in ${directory}`);
  }
  try {
    if (mode === 'write') makeDirectory(directory);
    checkDataFile(directory);
    const rows = open<Uint8Array, Uint8Array>({
      path: directory,
      noSubdir: false,
      readOnly: mode === 'read',
      encoding: 'binary',
      keyEncoding: 'binary',
      useVersions: true,
      // Each commit is on the disk when it resolves. The faster default, which flushes after the commit under a second lock,
      // makes the environment of every other process unusable when one is killed while it holds that lock.
      overlappingSync: false,
      maxReaders: READERS_MAX,
      mapSize: mapBytes,
    });
    return { directory, mode, rows, inode: inodeOf(directory) ?? 0 };
  } catch (error) {
    throw new StoreError(
      'unavailable',
      `cannot open ${directory}: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}
