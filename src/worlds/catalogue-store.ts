/** The catalogue file of a generation in a row store: the table `catalogue.<generation>`, in chunks. */
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { SegueError } from '../errors.js';
import type { RowStore, RowWrite } from '../store/row-store.js';
import { generationTable } from '../store/tables.js';
import { CHECKED_FROM } from './catalogue-file.js';
import { vectorMemory } from './vector-memory.js';

/** Read and hashed in a millisecond or two: requests are served in between. */
const CHUNK_BYTES = 2 ** 20;
/** About thirty million tracks. */
const FILE_BYTES_MAX = 5 * 2 ** 30;
const COLUMN = 'bytes';

function chunkKey(index: number): string {
  return `chunk#${String(index).padStart(6, '0')}`;
}

function* rowsOf(file: Uint8Array): Generator<RowWrite, void, undefined> {
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, BigInt(file.length), true);
  for (let at = 0; at < file.length; at += CHUNK_BYTES) {
    const chunk = file.subarray(at, Math.min(file.length, at + CHUNK_BYTES));
    yield { key: chunkKey(at / CHUNK_BYTES), columns: [[COLUMN, chunk]] };
  }
  yield { key: 'size', columns: [[COLUMN, size]] };
}

/** The rows of a catalogue file, for `RowStore.writeAll`. */
export function catalogueRows(file: Uint8Array): Iterable<RowWrite> {
  return rowsOf(file);
}

export interface FetchedCatalogue {
  readonly file: Uint8Array<ArrayBuffer>;
  /** For `decodeCatalogue`, which checks it. */
  readonly digest: Buffer;
}

/**
 * Fetches the file, in steps that leave the event loop to requests.
 *
 * @throws SegueError SEGUE_UNAVAILABLE when chunks are missing
 * @throws StoreError
 */
export async function fetchCatalogue(store: RowStore, generation: string): Promise<FetchedCatalogue> {
  const table = generationTable('catalogue', generation);
  const missing = (what: string) => new SegueError('SEGUE_UNAVAILABLE', `${table} has no ${what}`);
  const [sizeRow] = await store.read([{ table, key: 'size' }]);
  const size = sizeRow?.get(COLUMN);
  if (size?.length !== 8) throw missing('size');
  const length = Number(new DataView(size.buffer, size.byteOffset, 8).getBigUint64(0, true));
  if (length > FILE_BYTES_MAX) throw missing(`size up to ${FILE_BYTES_MAX}, it says ${length}`);
  const file = vectorMemory(length);
  const hash = createHash('sha256');
  for (let at = 0; at < length; at += CHUNK_BYTES) {
    const key = chunkKey(at / CHUNK_BYTES);
    const [row] = await store.read([{ table, key }]);
    const chunk = row?.get(COLUMN);
    if (chunk?.length !== Math.min(CHUNK_BYTES, length - at)) throw missing(`whole ${key}`);
    file.set(chunk, at);
    hash.update(chunk.subarray(Math.max(0, CHECKED_FROM - at)));
    await setImmediate();
  }
  return { file, digest: hash.digest() };
}
