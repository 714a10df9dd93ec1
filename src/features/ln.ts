/**
 * Natural logarithms by table and series: a request needs more than a thousand, and `Math.log` takes three times as long. The
 * argument counts as a float32, the precision of a feature.
 */

/** Steps of the mantissa in the table. */
const STEPS = 256;
const STEP_BITS = 23 - Math.log2(STEPS);
const MIDDLES = Float64Array.from({ length: STEPS }, (_, i) => 1 + (i + 0.5) / STEPS);
const LOGS = MIDDLES.map((middle) => Math.log(middle));
const INVERSES = MIDDLES.map((middle) => 1 / middle);
/** Between these, float32 has all its digits. */
const LEAST = 2 ** -126;
const MOST = 2 ** 127;

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** ln(value) to 1e-7 of the value; NaN for what is not positive or not finite. */
export function ln(value: number): number {
  if (!(value >= LEAST && value < MOST)) return value > 0 && value < Infinity ? Math.log(value) : NaN;
  float[0] = value;
  const word = bits[0];
  const step = (word >> STEP_BITS) & (STEPS - 1);
  // How far the mantissa is from the middle of its step, at most 1/512 of it.
  const off = (1 + (word & 0x7fffff) / 0x800000) * INVERSES[step] - 1;
  return ((word >> 23) - 127) * Math.LN2 + LOGS[step] + off * (1 - off * (0.5 - off * (1 / 3 - off * 0.25)));
}
