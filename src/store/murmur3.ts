/**
 * MurmurHash3 x64 128 by Austin Appleby (public domain), https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp
 *
 * Own code: the packages that offer it compute with arrays of 16-bit limbs or with BigInt, at many times the cost of the
 * pairs of 32-bit halves used here.
 */

/** The four 32-bit quarters of the hash: `h1` is quarters 1 (high) and 0 (low), `h2` is 3 and 2. Overwritten by each call. */
export type Hash128 = Uint32Array;

/** State of one 64-bit lane: high and low half. A product is left in `high` and `low`. */
let high = 0;
let low = 0;

/** (aHigh, aLow) * (bHigh, bLow) mod 2^64. */
function multiply(aHigh: number, aLow: number, bHigh: number, bLow: number): void {
  const a0 = aLow & 0xffff;
  const a1 = aLow >>> 16;
  const b0 = bLow & 0xffff;
  const b1 = bLow >>> 16;
  const p00 = a0 * b0;
  const middle = a1 * b0 + (p00 >>> 16);
  const middleLow = (middle % 0x10000) + a0 * b1;
  const carry = Math.floor(middle / 0x10000) + Math.floor(middleLow / 0x10000);
  low = (((middleLow & 0xffff) << 16) | (p00 & 0xffff)) >>> 0;
  high = (a1 * b1 + carry + Math.imul(aHigh, bLow) + Math.imul(aLow, bHigh)) >>> 0;
}

function add(aHigh: number, aLow: number, bHigh: number, bLow: number): void {
  const sum = (aLow >>> 0) + (bLow >>> 0);
  low = sum >>> 0;
  high = (aHigh + bHigh + (sum > 0xffffffff ? 1 : 0)) >>> 0;
}

/** @param bits 1 to 63, not 32 */
function rotateLeft(aHigh: number, aLow: number, bits: number): void {
  if (bits < 32) {
    high = ((aHigh << bits) | (aLow >>> (32 - bits))) >>> 0;
    low = ((aLow << bits) | (aHigh >>> (32 - bits))) >>> 0;
  } else {
    const rest = bits - 32;
    high = ((aLow << rest) | (aHigh >>> (32 - rest))) >>> 0;
    low = ((aHigh << rest) | (aLow >>> (32 - rest))) >>> 0;
  }
}

/** k1 *= c1; k1 = rotl(k1, 31); k1 *= c2 */
function mixFirst(kHigh: number, kLow: number): void {
  multiply(kHigh, kLow, 0x87c37b91, 0x114253d5);
  rotateLeft(high, low, 31);
  multiply(high, low, 0x4cf5ad43, 0x2745937f);
}

/** k2 *= c2; k2 = rotl(k2, 33); k2 *= c1 */
function mixSecond(kHigh: number, kLow: number): void {
  multiply(kHigh, kLow, 0x4cf5ad43, 0x2745937f);
  rotateLeft(high, low, 33);
  multiply(high, low, 0x87c37b91, 0x114253d5);
}

function finalMix(kHigh: number, kLow: number): void {
  multiply(kHigh, (kLow ^ (kHigh >>> 1)) >>> 0, 0xff51afd7, 0xed558ccd);
  multiply(high, (low ^ (high >>> 1)) >>> 0, 0xc4ceb9fe, 0x1a85ec53);
  low = (low ^ (high >>> 1)) >>> 0;
}

/** Little-endian 32 bits at `at`, with zeros after `end`. */
function word(bytes: Uint8Array, at: number, end: number): number {
  let value = 0;
  for (let i = 0; i < 4 && at + i < end; i++) value |= bytes[at + i] << (8 * i);
  return value >>> 0;
}

/**
 * @param length bytes of the key at the start of `bytes`
 * @param seed unsigned 32 bits
 * @param out receives the hash, see `Hash128`
 */
export function murmur3x64128(bytes: Uint8Array, length: number, seed: number, out: Hash128): void {
  let h1High = 0;
  let h1Low = seed >>> 0;
  let h2High = 0;
  let h2Low = seed >>> 0;
  const blocksEnd = length - (length % 16);
  for (let at = 0; at < blocksEnd; at += 16) {
    mixFirst(word(bytes, at + 4, length), word(bytes, at, length));
    rotateLeft((h1High ^ high) >>> 0, (h1Low ^ low) >>> 0, 27);
    add(high, low, h2High, h2Low);
    multiply(high, low, 0, 5);
    add(high, low, 0, 0x52dce729);
    h1High = high;
    h1Low = low;
    mixSecond(word(bytes, at + 12, length), word(bytes, at + 8, length));
    rotateLeft((h2High ^ high) >>> 0, (h2Low ^ low) >>> 0, 31);
    add(high, low, h1High, h1Low);
    multiply(high, low, 0, 5);
    add(high, low, 0, 0x38495ab5);
    h2High = high;
    h2Low = low;
  }
  if (length - blocksEnd > 8) {
    mixSecond(word(bytes, blocksEnd + 12, length), word(bytes, blocksEnd + 8, length));
    h2High = (h2High ^ high) >>> 0;
    h2Low = (h2Low ^ low) >>> 0;
  }
  if (length > blocksEnd) {
    mixFirst(word(bytes, blocksEnd + 4, length), word(bytes, blocksEnd, length));
    h1High = (h1High ^ high) >>> 0;
    h1Low = (h1Low ^ low) >>> 0;
  }
  add(h1High, (h1Low ^ length) >>> 0, h2High, (h2Low ^ length) >>> 0);
  h1High = high;
  h1Low = low;
  add(h2High, (h2Low ^ length) >>> 0, h1High, h1Low);
  h2High = high;
  h2Low = low;
  finalMix(h1High, h1Low);
  h1High = high;
  h1Low = low;
  finalMix(h2High, h2Low);
  h2High = high;
  h2Low = low;
  add(h1High, h1Low, h2High, h2Low);
  out[0] = low;
  out[1] = high;
  add(h2High, h2Low, high, low);
  out[2] = low;
  out[3] = high;
}
