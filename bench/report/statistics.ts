/** The mean of the two middle ones where there is an even number; NaN of nothing. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

/** Nearest rank; NaN of nothing. @param percentile in (0, 100] */
export function percentileOf(numbers: ArrayLike<number>, percentile: number): number {
  const sorted = Float64Array.from(numbers).sort();
  return sorted[Math.min(sorted.length, Math.max(1, Math.ceil((percentile / 100) * sorted.length))) - 1] ?? NaN;
}
