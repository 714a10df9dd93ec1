/** Indices by falling score: a radix sort over the bits of the scores, in memory that is used again. */

const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;
const MASK = DIGITS - 1;
const LAST_SHIFT = 2 * DIGIT_BITS;

const counts = new Uint32Array(3 * DIGITS);
let keys = new Int32Array(0);
let otherKeys = new Int32Array(0);
let indices = new Uint32Array(0);
let otherIndices = new Uint32Array(0);
let floats = new Float32Array(0);
let bits = new Int32Array(0);

/** @returns indices by falling score, ties by rising index, NaN last */
export function fallingOrder(scores: Float32Array): Uint32Array {
  const { length } = scores;
  grow(length);
  floats.set(scores);
  counts.fill(0);
  for (let i = 0; i < length; i++) {
    const key = fallingRank(bits[i]);
    keys[i] = key;
    indices[i] = i;
    counts[key & MASK]++;
    counts[DIGITS + ((key >>> DIGIT_BITS) & MASK)]++;
    counts[2 * DIGITS + (key >>> LAST_SHIFT)]++;
  }
  startsOfDigits();
  pass(keys, indices, otherKeys, otherIndices, length, 0, 0);
  pass(otherKeys, otherIndices, keys, indices, length, DIGIT_BITS, DIGITS);
  const order = new Uint32Array(length);
  for (let i = 0; i < length; i++) order[counts[2 * DIGITS + (keys[i] >>> LAST_SHIFT)]++] = indices[i];
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

/** Turns how often each digit occurs into where its entries start. */
function startsOfDigits(): void {
  let first = 0;
  let second = 0;
  let third = 0;
  for (let digit = 0; digit < DIGITS; digit++) {
    const a = counts[digit];
    const b = counts[DIGITS + digit];
    const c = counts[2 * DIGITS + digit];
    counts[digit] = first;
    counts[DIGITS + digit] = second;
    counts[2 * DIGITS + digit] = third;
    first += a;
    second += b;
    third += c;
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
