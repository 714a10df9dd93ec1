/** Whether a file is LMDB's: opening another one ends the process, so it is looked at first. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';

/** `MDB_page`'s header before `MDB_meta`: mm_magic, mm_version, … up to mm_psize. https://git.openldap.org/openldap/openldap/-/blob/mdb.master/libraries/liblmdb/mdb.c */
const MAGIC_AT = 24;
const PAGE_BYTES_AT = 48;
const META_BYTES = PAGE_BYTES_AT + 4;
const MAGIC = 0xbeefc0de;

/** The page size that a meta page names, where it is one. */
function pageBytesOf(file: number, at: number): number | undefined {
  const meta = Buffer.alloc(META_BYTES);
  if (readSync(file, meta, 0, META_BYTES, at) < META_BYTES) return undefined;
  return meta.readUInt32LE(MAGIC_AT) === MAGIC ? meta.readUInt32LE(PAGE_BYTES_AT) : undefined;
}

/** True where there is no such file, or an empty one: LMDB begins it. Of the others, both meta pages must be there. */
export function isDataFile(path: string): boolean {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0) return true;
  const file = openSync(path, 'r');
  try {
    const pageBytes = pageBytesOf(file, 0);
    return pageBytes !== undefined && pageBytesOf(file, pageBytes) === pageBytes;
  } finally {
    closeSync(file);
  }
}
