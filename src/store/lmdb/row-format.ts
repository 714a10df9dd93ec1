/**
 * A row as one value: a format byte, then for each column in any order
 * u16 name length, u32 value length (both little-endian), name in UTF-8, value.
 */
import { StoreError } from '../row-store.js';
import type { Row } from '../row-store.js';
import { checkCell, checkRowBytes } from '../limits.js';

const FORMAT = 1;
const COLUMN_HEADER_BYTES = 6;

/** @throws StoreError `too-large` for a column or the whole row */
export function packRow(key: string, columns: Iterable<readonly [column: string, value: Uint8Array]>): Buffer {
  const cells = [...columns];
  let size = 1;
  for (const [column, value] of cells) {
    checkCell(column, value);
    size += COLUMN_HEADER_BYTES + Buffer.byteLength(column) + value.length;
  }
  checkRowBytes(key, size);
  const bytes = Buffer.allocUnsafe(size);
  let at = bytes.writeUInt8(FORMAT, 0);
  for (const [column, value] of cells) {
    const nameLength = bytes.write(column, at + COLUMN_HEADER_BYTES);
    bytes.writeUInt16LE(nameLength, at);
    bytes.writeUInt32LE(value.length, at + 2);
    at += COLUMN_HEADER_BYTES + nameLength;
    bytes.set(value, at);
    at += value.length;
  }
  return bytes;
}

/**
 * @param bytes owned by the caller; the values are views of it
 * @throws StoreError `error` when the bytes cannot be a row
 */
export function unpackRow(bytes: Uint8Array): Row {
  const format = bytes.at(0);
  if (format !== FORMAT) throw new StoreError('error', `stored row has format ${format ?? 'none'}, known is ${FORMAT}`);
  // Its own decoder is quicker than TextDecoder for names of a few bytes.
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const row = new Map<string, Uint8Array>();
  let at = 1;
  while (at < bytes.length) {
    if (at + COLUMN_HEADER_BYTES > bytes.length) throw cutShort(at, bytes.length);
    const nameStart = at + COLUMN_HEADER_BYTES;
    const valueStart = nameStart + view.readUInt16LE(at);
    const end = valueStart + view.readUInt32LE(at + 2);
    if (end > bytes.length) throw cutShort(end, bytes.length);
    row.set(view.toString('utf8', nameStart, valueStart), bytes.subarray(valueStart, end));
    at = end;
  }
  return row;
}

function cutShort(at: number, length: number): StoreError {
  return new StoreError('error', `stored row ends at byte ${length}, expected at least ${at}`);
}
