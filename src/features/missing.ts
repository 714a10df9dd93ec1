/** Fills columns with "missing" by copying: `fill(NaN)` writes one number after another. */

let missing = new Float32Array(0);

/** The first `count` entries become NaN. */
export function fillMissing(column: Float32Array, count: number): void {
  if (missing.length < count) missing = new Float32Array(count).fill(NaN);
  column.set(missing.length === count ? missing : missing.subarray(0, count));
}
