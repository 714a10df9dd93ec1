/** Numbers of an answer, no longer than what they tell: a float32 or a clock, printed as a double, has ten digits of noise. */

/** Milliseconds to the microsecond. */
export function roundedMs(ms: number): number {
  return Math.round(ms * 1e3) / 1e3;
}

/** A score to six decimals. */
export function roundedScore(score: number): number {
  return Math.round(score * 1e6) / 1e6;
}
