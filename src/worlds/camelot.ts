/** Musical keys on the Camelot wheel, where neighbours go well together. */

/** Number on the Camelot wheel, 1 to 12; minor keys are named by their relative major. */
export function camelotNumber(key: number, mode: number): number {
  const pitchClass = mode === 1 ? key : key + 3;
  return ((7 * pitchClass + 7) % 12) + 1;
}

/** Steps on the Camelot wheel, plus 1 when the letter differs: 0 to 7. NaN when a key or mode is missing. */
export function keyDistance(aKey: number, aMode: number, bKey: number, bMode: number): number {
  const steps = Math.abs(camelotNumber(aKey, aMode) - camelotNumber(bKey, bMode));
  return Math.min(steps, 12 - steps) + (aMode === bMode ? 0 : 1);
}

/** A key and mode as one number, 0 to 23: twice the Camelot number from 0, plus 1 for major; NaN when either is missing. */
export function keyCode(key: number, mode: number): number {
  return 2 * (camelotNumber(key, mode) - 1) + (mode === 1 ? 1 : 0) + (mode !== mode ? NaN : 0);
}

const KEY_CODES = 24;
const KEY_STEPS = Float64Array.from({ length: KEY_CODES * KEY_CODES }, (_, i) => {
  const [a, b] = [Math.floor(i / KEY_CODES), i % KEY_CODES];
  const steps = Math.abs((a >> 1) - (b >> 1));
  return Math.min(steps, 12 - steps) + ((a & 1) === (b & 1) ? 0 : 1);
});

/** `keyDistance` of two key codes; NaN when either is missing. */
export function keySteps(a: number, b: number): number {
  return a >= 0 && b >= 0 ? KEY_STEPS[a * KEY_CODES + b] : NaN;
}
