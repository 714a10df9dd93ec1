/** Indices by falling score, without a comparator: each score and its index become one number that sorts natively. */

/** Most scores that can be ordered: an index must fit beside the 32 bits of a score in a float64. */
export const ORDERED_MAX = 1 << 20;

/** @returns indices by falling score, ties by rising index, NaN last */
export function fallingOrder(scores: Float32Array): Uint32Array {
  const { length } = scores;
  if (length > ORDERED_MAX) throw new RangeError(`${length} scores to order; at most ${ORDERED_MAX} are allowed`);
  const bits = new Uint32Array(Float32Array.from(scores).buffer);
  const keys = new Float64Array(length);
  for (let i = 0; i < length; i++) keys[i] = fallingRank(bits[i] ?? 0) * ORDERED_MAX + i;
  keys.sort();
  const order = new Uint32Array(length);
  for (let i = 0; i < length; i++) order[i] = (keys[i] ?? 0) % ORDERED_MAX;
  return order;
}

const NAN_ABOVE = 0x7f800000;
const ZERO_MINUS = 0x80000000;

/** The bits of a float32 as an integer that falls as the float rises; the two zeros are equal. */
function fallingRank(bits: number): number {
  if ((bits & 0x7fffffff) > NAN_ABOVE) return 0xffffffff;
  if (bits === ZERO_MINUS) return 0x7fffffff;
  return bits >= ZERO_MINUS ? bits : 0x7fffffff - bits;
}
