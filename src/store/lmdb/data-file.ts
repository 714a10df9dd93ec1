/** Whether a file is LMDB's: opening another one ends the process, so it is looked at first. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

export const DATA_FILE = 'data.mdb';

/** `MDB_page`'s header before `MDB_meta`: mm_magic, mm_version, … up to mm_psize. https://git.openldap.org/openldap/openldap/-/blob/mdb.master/libraries/liblmdb/mdb.c */
const MAGIC_AT = 24;
const VERSION_AT = 28;
const PAGE_BYTES_AT = 48;
const META_BYTES = PAGE_BYTES_AT + 4;
const MAGIC = 0xbeefc0de;
/** Of LMDB's file format; it opens no other. */
const VERSION = 2;

/** The page size that a meta page names, where it is one. */
function pageBytesOf(file: number, at: number): number | undefined {
  const meta = Buffer.alloc(META_BYTES);
  if (readSync(file, meta, 0, META_BYTES, at) < META_BYTES) return undefined;
  const isMeta = meta.readUInt32LE(MAGIC_AT) === MAGIC && meta.readUInt32LE(VERSION_AT) === VERSION;
  return isMeta ? meta.readUInt32LE(PAGE_BYTES_AT) : undefined;
}

/** A directory without such a file, or with an empty one, passes: LMDB begins it. Of others, both meta pages must be there. @throws Error */
export function checkDataFile(directory: string): void {
  const path = join(directory, DATA_FILE);
  if (isDataFile(path)) return;
  throw new Error(`${path} is not LMDB's, or was cut off: put a good copy in its place, or move it away to begin anew`);
}

function isDataFile(path: string): boolean {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0) return true;
  const file = openSync(path, 'r');
  try {
    const pageBytes = pageBytesOf(file, 0);
    return pageBytes !== undefined && pageBytesOf(file, pageBytes) === pageBytes;
  } finally {
    closeSync(file);
  }
}
