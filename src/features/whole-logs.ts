/** Natural logarithms of whole numbers, looked up: most features are logarithms of counts of plays. */

const SIZE = 8_192;
const LOGS = Float64Array.from({ length: SIZE }, (_, n) => (n === 0 ? NaN : Math.log(n)));

/** ln(n); NaN for 0, where there is nothing to count. @param n whole, at least 0 */
export function lnOfWhole(n: number): number {
  return n < SIZE ? LOGS[n] : Math.log(n);
}
