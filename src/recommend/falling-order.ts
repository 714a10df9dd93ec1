/** Indices by falling score: a radix sort over the bits of the scores, in memory that is used again. */

const DIGITS = 256;
const MASK = DIGITS - 1;

/** How often each digit occurs, and then where its entries start; the lowest digit first. */
const counts = new Uint32Array(4 * DIGITS);
let keys = new Int32Array(0);
let otherKeys = new Int32Array(0);
let indices = new Uint32Array(0);
let otherIndices = new Uint32Array(0);
let floats = new Float32Array(0);
let bits = new Int32Array(0);

/**
 * @param into where the order is written; at least as long as the scores
 * @returns indices by falling score, ties by rising index, NaN last
 */
export function fallingOrder(scores: Float32Array, into = new Uint32Array(scores.length)): Uint32Array {
  const { length } = scores;
  grow(length);
  floats.set(scores);
  counts.fill(0);
  for (let i = 0; i < length; i++) {
    const key = fallingRank(bits[i]);
    keys[i] = key;
    indices[i] = i;
    counts[key & MASK]++;
    counts[DIGITS + ((key >>> 8) & MASK)]++;
    counts[2 * DIGITS + ((key >>> 16) & MASK)]++;
    counts[3 * DIGITS + (key >>> 24)]++;
  }
  startsOfDigits();
  pass(keys, indices, otherKeys, otherIndices, length, 0, 0);
  pass(otherKeys, otherIndices, keys, indices, length, 8, DIGITS);
  pass(keys, indices, otherKeys, otherIndices, length, 16, 2 * DIGITS);
  const order = into.length === length ? into : into.subarray(0, length);
  for (let i = 0; i < length; i++) order[counts[3 * DIGITS + (otherKeys[i] >>> 24)]++] = otherIndices[i];
  return order;
}

function grow(length: number): void {
  if (length <= keys.length) return;
  keys = new Int32Array(length);
  otherKeys = new Int32Array(length);
  indices = new Uint32Array(length);
  otherIndices = new Uint32Array(length);
  floats = new Float32Array(length);
  bits = new Int32Array(floats.buffer);
}

function startsOfDigits(): void {
  for (let base = 0; base < counts.length; base += DIGITS) {
    let start = 0;
    for (let at = base; at < base + DIGITS; at++) {
      const count = counts[at];
      counts[at] = start;
      start += count;
    }
  }
}

function pass(
  fromKeys: Int32Array,
  fromIndices: Uint32Array,
  toKeys: Int32Array,
  toIndices: Uint32Array,
  length: number,
  shift: number,
  base: number,
): void {
  for (let i = 0; i < length; i++) {
    const key = fromKeys[i];
    const at = counts[base + ((key >>> shift) & MASK)]++;
    toKeys[at] = key;
    toIndices[at] = fromIndices[i];
  }
}

const NAN_ABOVE = 0x7f800000;
const ZERO_MINUS = -0x80000000;

/** The bits of a float32 as an integer that, read without its sign, falls as the float rises; the two zeros are equal. */
function fallingRank(of: number): number {
  if ((of & 0x7fffffff) > NAN_ABOVE) return -1;
  if (of === ZERO_MINUS) return 0x7fffffff;
  return of < 0 ? of : 0x7fffffff - of;
}
