/** Arithmetic that several definitions share. */
import { lnOfWhole } from '../whole-logs.js';

/** ln(1 + rank); NaN for NaN. @param rank whole, from 0 */
export function lnOfRank(rank: number): number {
  return rank >= 0 ? lnOfWhole(rank + 1) : NaN;
}
