/** LMDB keys: `<table>\0<row key>`, so that rows of a table lie together, in the byte order of their keys. */

/** The key that says that a table exists; the prefix of its rows. */
export function tableId(table: string): Buffer {
  return Buffer.from(`${table}\0`);
}

export function rowId(table: string, key: string): Buffer {
  return Buffer.from(`${table}\0${key}`);
}

export function rowKeyOf(table: string, id: Uint8Array): string {
  return Buffer.from(id.buffer, id.byteOffset, id.length).toString('utf8', table.length + 1);
}
