/** Lists of numbers as little-endian bytes, as in proto/segue/rows/v1. Decoding copies only where alignment or the host's byte order forces it. */
import { endianness } from 'node:os';
import { CorruptRowError } from './corrupt-row-error.js';
import type { Row } from './row-store.js';

const HOST_IS_LITTLE_ENDIAN = endianness() === 'LE';

type Packable = Uint32Array | Float32Array | BigInt64Array;

function reversedInPlace(bytes: Uint8Array, width: number): void {
  for (let start = 0; start < bytes.length; start += width) bytes.subarray(start, start + width).reverse();
}

function packed(values: Packable): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(values.byteLength);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  if (!HOST_IS_LITTLE_ENDIAN) reversedInPlace(bytes, values.BYTES_PER_ELEMENT);
  return bytes;
}

/** @param values each 0 to 2^32 - 1 */
export function packU32(values: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  return packed(values instanceof Uint32Array ? values : Uint32Array.from(values));
}

export function packF32(values: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  return packed(values instanceof Float32Array ? values : Float32Array.from(values));
}

/** @param values whole numbers within +-2^53 */
export function packI64(values: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const wide = new BigInt64Array(values.length);
  for (let i = 0; i < values.length; i++) wide[i] = BigInt(values[i]);
  return packed(wide);
}

/** Memory that a typed array of this width can view: the bytes themselves, or an aligned copy in the host's byte order. */
function viewable(bytes: Uint8Array, width: number, field: string): Uint8Array {
  if (bytes.length % width !== 0) {
    throw new CorruptRowError(field, `has ${bytes.length} bytes, not a multiple of ${width}`);
  }
  if (HOST_IS_LITTLE_ENDIAN && bytes.byteOffset % width === 0) return bytes;
  const copy = carved(bytes.length);
  copy.set(bytes);
  if (!HOST_IS_LITTLE_ENDIAN) reversedInPlace(copy, width);
  return copy;
}

const SLAB_BYTES = 256 * 1024;
let slab = new ArrayBuffer(SLAB_BYTES);
let slabUsed = 0;

/** Lists of a column at most, each of which may need some bytes to lie where numbers may. */
const LISTS_MAX = 24;
const SPARE_BYTES = LISTS_MAX * 8;

function aligned(length: number): number {
  return (length + 7) & ~7;
}

/** Memory for an aligned copy. A row has a dozen lists, and memory of its own for each would cost more than the copies. */
function carved(length: number): Uint8Array {
  if (length > SLAB_BYTES / 4) return new Uint8Array(length);
  if (slabUsed + length > slab.byteLength) {
    slab = new ArrayBuffer(SLAB_BYTES);
    slabUsed = 0;
  }
  const memory = new Uint8Array(slab, slabUsed, length);
  slabUsed += aligned(length);
  return memory;
}

/**
 * Decodes a copy of the row, so that whoever keeps what was decoded keeps no more than that.
 *
 * @returns what was decoded, and the bytes that it holds
 */
export function ownMemory<T>(row: Row, decode: (copy: Row) => T): { readonly value: T; readonly bytes: number } {
  let length = 0;
  for (const cell of row.values()) length += aligned(cell.length);
  // Once for the cells, once for those of their lists that are not aligned.
  const memory = new ArrayBuffer(2 * length + row.size * SPARE_BYTES);
  const copy = new Map<string, Uint8Array>();
  let at = 0;
  for (const [column, cell] of row) {
    const cellCopy = new Uint8Array(memory, at, cell.length);
    cellCopy.set(cell);
    copy.set(column, cellCopy);
    at += aligned(cell.length);
  }
  const [sharedSlab, sharedUsed] = [slab, slabUsed];
  slab = memory;
  slabUsed = at;
  try {
    return { value: decode(copy), bytes: memory.byteLength };
  } finally {
    slab = sharedSlab;
    slabUsed = sharedUsed;
  }
}

/**
 * @param field names the list in errors
 * @throws CorruptRowError when the length is not a multiple of 4
 */
export function unpackU32(bytes: Uint8Array, field: string): Uint32Array {
  const view = viewable(bytes, 4, field);
  return new Uint32Array(view.buffer, view.byteOffset, view.length / 4);
}

/** As `unpackU32`. */
export function unpackF32(bytes: Uint8Array, field: string): Float32Array {
  const view = viewable(bytes, 4, field);
  return new Float32Array(view.buffer, view.byteOffset, view.length / 4);
}

/** As `unpackU32`, for a length that is a multiple of 8. Values beyond +-2^53 lose their last digits. */
export function unpackI64(bytes: Uint8Array, field: string): Float64Array {
  if (bytes.length % 8 !== 0) throw new CorruptRowError(field, `has ${bytes.length} bytes, not a multiple of 8`);
  const words = unpackU32(bytes, field);
  const values = new Float64Array(bytes.length / 8);
  for (let i = 0; i < values.length; i++) values[i] = (words[i * 2 + 1] | 0) * 2 ** 32 + words[i * 2];
  return values;
}

/** @throws CorruptRowError when a parallel list does not have as many entries as the first */
export function checkParallel(field: string, length: number, expected: number): void {
  if (length !== expected) throw new CorruptRowError(field, `has ${length} entries, its sibling lists ${expected}`);
}

/** @throws CorruptRowError when an ordinal is not below `count` */
export function checkOrdinals(field: string, ordinals: Uint32Array, count: number): void {
  for (let i = 0; i < ordinals.length; i++) {
    const ordinal = ordinals[i];
    if (ordinal >= count) throw new CorruptRowError(field, `holds ordinal ${ordinal} of ${count}`);
  }
}
