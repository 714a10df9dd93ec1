/** Arithmetic that several definitions share. */

/** Natural logarithm; NaN for what is not positive or not finite. */
export function ln(value: number): number {
  return value > 0 && value < Infinity ? Math.log(value) : NaN;
}

export function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
