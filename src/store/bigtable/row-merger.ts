/**
 * Rows from the messages of ReadRows: a cell may be split over chunks, a row over messages, and a row begun may be reset. Messages
 * are read as bytes, as objects for every chunk and cell cost three times as much.
 * https://cloud.google.com/bigtable/docs/reference/data/rpc/google.bigtable.v2#readrowsresponse
 */
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { StoreError } from '../row-store.js';

/** Tags of `ReadRowsResponse`, its `CellChunk` and `BytesValue`: number of the field * 8 + wire type. */
const CHUNK = 10;
const ROW_KEY = 10;
const QUALIFIER = 26;
const VALUE = 50;
const VALUE_SIZE = 56;
const RESET_ROW = 64;
const COMMIT_ROW = 72;
const BYTES = 10;

const NO_BYTES = new Uint8Array();

export class RowMerger {
  /** The message being read, twice: a Buffer for its texts, and for its values a plain array, as a Buffer's `slice` would not copy. */
  private text: Buffer = Buffer.alloc(0);
  private bytes: Uint8Array = NO_BYTES;
  private key: string | undefined;
  private column: string | undefined;
  /** Cells of earlier messages, when the row is complete all of them. */
  private row = new Map<string, Uint8Array>();
  /** Cells of this message that are not in `row` yet: columns, and where their values begin and end; and the span of all. */
  private columns: string[] = [];
  private bounds: number[] = [];
  private spanStart = 0;
  private spanEnd = 0;
  /** Of the cell under way; empty between cells. */
  private parts: Uint8Array[] = [];
  private inCell = false;

  /** @param onRow receives each committed row, by rising key; the row has memory of its own */
  constructor(private readonly onRow: (key: string, row: Map<string, Uint8Array>) => void) {}

  /** @throws StoreError `unavailable` when the message, or the order of its chunks, makes no sense */
  add(message: Buffer): void {
    this.text = message;
    this.bytes = new Uint8Array(message.buffer, message.byteOffset, message.length);
    try {
      const reader = new BinaryReader(message);
      while (reader.pos < reader.len) {
        const tag = reader.uint32();
        if (tag === CHUNK) this.addChunk(reader);
        else skip(reader, tag);
      }
    } catch (error) {
      if (error instanceof StoreError) throw error;
      throw broken(error instanceof Error ? error.message : String(error));
    }
    this.keepCells();
  }

  /** @throws StoreError `unavailable` when the answer ended within a row */
  end(): void {
    if (this.key !== undefined) throw broken(`ended within row "${this.key}"`);
  }

  private addChunk(reader: BinaryReader): void {
    const end = endOf(reader);
    let valueStart = 0;
    let valueEnd = 0;
    let valueSize = 0;
    let commit = false;
    let reset = false;
    while (reader.pos < end) {
      const tag = reader.uint32();
      if (tag === ROW_KEY) this.enterRow(reader);
      else if (tag === QUALIFIER) this.enterColumn(reader);
      else if (tag === VALUE) {
        valueEnd = endOf(reader);
        valueStart = reader.pos;
        reader.pos = valueEnd;
      } else if (tag === VALUE_SIZE) valueSize = reader.int32();
      else if (tag === COMMIT_ROW) commit = reader.bool();
      else if (tag === RESET_ROW) reset = reader.bool();
      else skip(reader, tag);
    }
    if (reset) {
      this.startOver();
      return;
    }
    this.addValue(valueStart, valueEnd, valueSize > 0);
    if (!commit) return;
    if (this.inCell) throw broken('a row was committed within a cell');
    this.keepCells();
    const { key, row } = this;
    this.startOver();
    if (key !== undefined) this.onRow(key, row);
  }

  private enterRow(reader: BinaryReader): void {
    const end = endOf(reader);
    if (end === reader.pos) return;
    const key = this.text.toString('utf8', reader.pos, end);
    reader.pos = end;
    if (this.key !== undefined && this.key !== key) throw broken(`row "${key}" began within row "${this.key}"`);
    this.key = key;
  }

  /** The name in a BytesValue; it is left out where it is as in the chunk before. */
  private enterColumn(reader: BinaryReader): void {
    if (this.inCell) throw broken('a column began within a cell');
    const end = endOf(reader);
    this.column = '';
    while (reader.pos < end) {
      const tag = reader.uint32();
      if (tag === BYTES) {
        const nameEnd = endOf(reader);
        this.column = this.text.toString('utf8', reader.pos, nameEnd);
        reader.pos = nameEnd;
      } else skip(reader, tag);
    }
  }

  /** @param more of the cell follows in the next chunk */
  private addValue(start: number, end: number, more: boolean): void {
    if (this.key === undefined || this.column === undefined) throw broken('a cell came without row or column');
    if (!more && !this.inCell) {
      this.columns.push(this.column);
      this.bounds.push(start, end);
      if (this.spanEnd === 0) this.spanStart = start;
      if (end > start) this.spanEnd = end;
      return;
    }
    this.parts.push(this.bytes.slice(start, end));
    this.inCell = more;
    if (more) return;
    this.keepCells();
    this.keepCell(this.column, concatenated(this.parts));
    this.parts = [];
  }

  /** Copies what lies between the first value and the last in one go: cheaper than value by value, and the message can go. */
  private keepCells(): void {
    const { columns, bounds, spanStart } = this;
    if (columns.length === 0) return;
    const memory = this.bytes.slice(spanStart, this.spanEnd);
    for (let i = 0; i < columns.length; i++) {
      const start = bounds[i * 2] - spanStart;
      const end = bounds[i * 2 + 1] - spanStart;
      this.keepCell(columns[i], end > start ? memory.subarray(start, end) : NO_BYTES);
    }
    this.forgetCells();
  }

  private forgetCells(): void {
    this.columns = [];
    this.bounds = [];
    this.spanStart = 0;
    this.spanEnd = 0;
  }

  /** The first cell of a column is its newest. */
  private keepCell(column: string, value: Uint8Array): void {
    if (!this.row.has(column)) this.row.set(column, value);
  }

  private startOver(): void {
    this.key = undefined;
    this.column = undefined;
    this.row = new Map();
    this.forgetCells();
    this.parts = [];
    this.inCell = false;
  }
}

const WIRE_TYPES = [WireType.Varint, WireType.Bit64, WireType.LengthDelimited, undefined, undefined, WireType.Bit32];

function skip(reader: BinaryReader, tag: number): void {
  const type = WIRE_TYPES[tag & 7];
  if (type === undefined) throw broken(`a field of wire type ${tag & 7}`);
  reader.skip(type);
}

/** Where the length-delimited field ends whose length comes next. */
function endOf(reader: BinaryReader): number {
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > reader.len) throw broken('a field is cut off');
  return end;
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
