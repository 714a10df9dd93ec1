/** Bloom filter over ids; bit positions as `Heard` in proto/segue/rows/v1/rows.proto says (Kirsch and Mitzenmacher 2006). */
import { CorruptRowError } from './corrupt-row-error.js';
import { murmur3x64128 } from './murmur3.js';

/** 256 KiB, about 218,000 ids at one percent false positives; above that the share rises, and nothing is ever missed. */
export const BLOOM_BITS_MAX = 2 ** 21;
const BLOOM_BITS_MIN = 64;
export const BLOOM_SEED = 0x5e90e;
const HASHES_MAX = 16;
/** -log2(0.01) / ln 2 */
const BITS_PER_ENTRY = 9.585;
/** -log2(0.01), rounded */
const HASHES = 7;

const encoder = new TextEncoder();
const scratch = new Uint8Array(1024);
const quarters = new Uint32Array(4);

export interface BloomFilter {
  /** Number of bits m, a multiple of 8. */
  readonly bits: number;
  /** Number of hash functions k. */
  readonly hashes: number;
  readonly seed: number;
  /** m / 8 bytes; bit i is bit i mod 8 of byte i / 8. */
  readonly filter: Uint8Array;
}

/** An empty filter for so many ids at one percent false positives, within `BLOOM_BITS_MAX`. */
export function emptyBloomFilter(entries: number): BloomFilter & { readonly filter: Uint8Array<ArrayBuffer> } {
  const wanted = Math.ceil((entries * BITS_PER_ENTRY) / 64) * 64;
  const bits = Math.min(BLOOM_BITS_MAX, Math.max(BLOOM_BITS_MIN, wanted));
  const hashes = Math.max(1, Math.min(HASHES, Math.round((bits / Math.max(1, entries)) * Math.LN2)));
  return { bits, hashes, seed: BLOOM_SEED, filter: new Uint8Array(bits / 8) };
}

/** @throws CorruptRowError when sizes cannot belong together */
export function checkBloomFilter(bloom: BloomFilter): void {
  if (bloom.bits < 8 || bloom.bits > BLOOM_BITS_MAX || bloom.bits !== bloom.filter.length * 8) {
    throw new CorruptRowError('Heard.bits', `is ${bloom.bits} with a filter of ${bloom.filter.length} bytes`);
  }
  if (bloom.hashes < 1 || bloom.hashes > HASHES_MAX) {
    throw new CorruptRowError('Heard.hashes', `is ${bloom.hashes}, allowed are 1 to ${HASHES_MAX}`);
  }
}

/** The u64 of two quarters modulo m; every step stays below 2^53, as m is at most 2^21. */
function modulo(high: number, low: number, m: number): number {
  return ((high % m) * (0x100000000 % m) + low) % m;
}

/** Leaves h1 mod m and h2 mod m in `first` and `second`. */
let first = 0;
let second = 0;
function hash(bloom: BloomFilter, id: string): void {
  const { written } = encoder.encodeInto(id, scratch);
  murmur3x64128(scratch, written, bloom.seed, quarters);
  first = modulo(quarters[1], quarters[0], bloom.bits);
  second = modulo(quarters[3], quarters[2], bloom.bits);
}

/** @param id at most 1,024 bytes of UTF-8; what is longer counts by its beginning */
export function addToBloomFilter(bloom: BloomFilter, id: string): void {
  hash(bloom, id);
  let bit = first;
  for (let i = 0; i < bloom.hashes; i++) {
    const byte = bit >>> 3;
    bloom.filter[byte] = bloom.filter[byte] | (1 << (bit & 7));
    bit = (bit + second) % bloom.bits;
  }
}

/** False only for ids that were never added. */
export function mayContain(bloom: BloomFilter, id: string): boolean {
  hash(bloom, id);
  let bit = first;
  for (let i = 0; i < bloom.hashes; i++) {
    if ((bloom.filter[bit >>> 3] & (1 << (bit & 7))) === 0) return false;
    bit = (bit + second) % bloom.bits;
  }
  return true;
}
