/** The catalogue file of a generation in a row store: the table `catalogue.<generation>`, in chunks. */
import { SegueError } from '../errors.js';
import type { RowStore, RowWrite } from '../store/row-store.js';
import { generationTable } from '../store/tables.js';

/** Well under a store's limit on a value. */
const CHUNK_BYTES = 4 * 2 ** 20;
const CHUNKS_PER_READ = 4;
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

/**
 * Fetches the file. Its checksum is checked by `decodeCatalogue`.
 *
 * @throws SegueError SEGUE_UNAVAILABLE when chunks are missing
 * @throws StoreError
 */
export async function readCatalogueFile(store: RowStore, generation: string): Promise<Uint8Array<ArrayBuffer>> {
  const table = generationTable('catalogue', generation);
  const missing = (what: string) => new SegueError('SEGUE_UNAVAILABLE', `${table} has no ${what}`);
  const [sizeRow] = await store.read([{ table, key: 'size' }]);
  const size = sizeRow?.get(COLUMN);
  if (size?.length !== 8) throw missing('size');
  const length = Number(new DataView(size.buffer, size.byteOffset, 8).getBigUint64(0, true));
  if (length > FILE_BYTES_MAX) throw missing(`size up to ${FILE_BYTES_MAX}, it says ${length}`);
  const file = new Uint8Array(length);
  const chunks = Math.ceil(length / CHUNK_BYTES);
  for (let first = 0; first < chunks; first += CHUNKS_PER_READ) {
    const keys = Array.from({ length: Math.min(CHUNKS_PER_READ, chunks - first) }, (_, i) => chunkKey(first + i));
    const rows = await store.read(keys.map((key) => ({ table, key })));
    rows.forEach((row, i) => {
      const chunk = row?.get(COLUMN);
      const at = (first + i) * CHUNK_BYTES;
      if (chunk?.length !== Math.min(CHUNK_BYTES, length - at)) throw missing(`whole ${keys[i]}`);
      file.set(chunk, at);
    });
  }
  return file;
}
