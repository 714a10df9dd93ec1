/** Draws from lists of weights. */
import type { Random } from './random.js';

/** Taken out once: where tests run, in VM contexts, each look-up of a global costs more than the function. */
const { exp, floor, max, min } = Math;

/** Running sums of weights; the last is the total. */
export function cumulative(weights: ArrayLike<number>): Float64Array {
  const sums = new Float64Array(weights.length);
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sums[i] = sum += weights[i];
  return sums;
}

/** An index drawn in proportion to its weight; -1 when the weights sum to nothing. */
export function drawIndex(random: Random, sums: Float64Array): number {
  const total = sums[sums.length - 1] ?? 0;
  if (total <= 0) return -1;
  const mark = random.uniform() * total;
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle] > mark) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Zipf weights: the share of rank r is in proportion to 1 / (r + shift)^exponent. */
export function zipf(count: number, exponent: number, shift = 1): Float64Array {
  return Float64Array.from({ length: count }, (_, rank) => (rank + shift) ** -exponent);
}

export function clamp(value: number, low: number, high: number): number {
  return min(high, max(low, value));
}

/** 0 to 1. */
export function logistic(logit: number): number {
  return 1 / (1 + exp(-logit));
}

/** Splits `total` whole units in proportion to the weights, by largest remainder (ties: the lower index). */
export function apportion(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const exact = weights.map((weight) => (total * weight) / sum);
  const parts = exact.map(floor);
  let rest = total - parts.reduce((all, part) => all + part, 0);
  const byRemainder = exact.map((value, index) => ({ index, remainder: value - floor(value) }));
  byRemainder.sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  for (const { index } of byRemainder) {
    if (rest-- <= 0) break;
    parts[index]++;
  }
  return parts;
}
