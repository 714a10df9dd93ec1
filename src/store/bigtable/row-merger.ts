/**
 * Rows from the chunks of ReadRows: a cell may be split over chunks, a row over messages, and a row begun may be reset.
 * https://cloud.google.com/bigtable/docs/reference/data/rpc/google.bigtable.v2#readrowsresponse
 */
import type protos from '@google-cloud/bigtable-api/build/protos/protos.js';
import { StoreError } from '../row-store.js';

type Chunk = protos.google.bigtable.v2.ReadRowsResponse.ICellChunk;
type Response = protos.google.bigtable.v2.IReadRowsResponse;

const decoder = new TextDecoder();

export class RowMerger {
  private key: string | undefined;
  private row = new Map<string, Uint8Array>();
  private column: string | undefined;
  /** Of the cell under way; empty between cells. */
  private parts: Uint8Array[] = [];
  private inCell = false;

  /** @param onRow receives each committed row, by rising key */
  constructor(private readonly onRow: (key: string, row: Map<string, Uint8Array>) => void) {}

  /** @throws StoreError `unavailable` when the chunks make no sense */
  add(response: Response): void {
    for (const chunk of response.chunks ?? []) this.addChunk(chunk);
  }

  /** @throws StoreError `unavailable` when the answer ended within a row */
  end(): void {
    if (this.key !== undefined) throw broken(`ended within row "${this.key}"`);
  }

  private addChunk(chunk: Chunk): void {
    if (chunk.resetRow === true) {
      this.startOver();
      return;
    }
    this.enter(chunk);
    const value = bytesOf(chunk.value);
    const more = (chunk.valueSize ?? 0) > 0;
    if (more || this.inCell) this.parts.push(value);
    if (more && chunk.commitRow === true) throw broken('a row was committed within a cell');
    this.inCell = more;
    if (!more) this.endCell(value);
    if (chunk.commitRow === true) {
      const { key, row } = this;
      this.startOver();
      if (key !== undefined) this.onRow(key, row);
    }
  }

  /** Takes the key and the column of a chunk; what is left out is as in the chunk before. */
  private enter(chunk: Chunk): void {
    const rowKey = bytesOf(chunk.rowKey);
    if (rowKey.length > 0) {
      const key = decoder.decode(rowKey);
      if (this.key !== undefined && this.key !== key) throw broken(`row "${key}" began within row "${this.key}"`);
      this.key = key;
    }
    if (chunk.qualifier !== null && chunk.qualifier !== undefined) {
      if (this.inCell) throw broken('a column began within a cell');
      this.column = decoder.decode(bytesOf(chunk.qualifier.value));
    }
    if (this.key === undefined || this.column === undefined) throw broken('a cell came without row or column');
  }

  /** The first cell of a column is its newest. */
  private endCell(value: Uint8Array): void {
    const whole = this.parts.length === 0 ? value : concatenated(this.parts);
    this.parts = [];
    if (this.column !== undefined && !this.row.has(this.column)) this.row.set(this.column, whole);
  }

  private startOver(): void {
    this.key = undefined;
    this.column = undefined;
    this.row = new Map();
    this.parts = [];
    this.inCell = false;
  }
}

/** Views of the message, which belongs to this call alone; plain Uint8Array, as a Buffer's `slice` would not copy. */
function bytesOf(value: Uint8Array | string | null | undefined): Uint8Array {
  if (value === null || value === undefined) return new Uint8Array();
  if (typeof value === 'string') return Buffer.from(value, 'base64');
  return new Uint8Array(value.buffer, value.byteOffset, value.length);
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function broken(problem: string): StoreError {
  return new StoreError('unavailable', `Bigtable's answer is broken: ${problem}`);
}
