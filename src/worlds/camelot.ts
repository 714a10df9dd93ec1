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
