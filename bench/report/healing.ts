/** When a service was whole again. */
import { SLICE_MS, type Slice } from '../load/recorder.js';

/**
 * Seconds from `healedMs` to the end of the last slice before `untilMs` in which an answer was less than full or failed; 0 where
 * there is none. Where that is the very last slice, it was never seen whole: Infinity.
 */
export function healSeconds(series: readonly Slice[], healedMs: number, untilMs: number): number {
  const first = Math.ceil(healedMs / SLICE_MS);
  const end = Math.min(series.length, Math.floor(untilMs / SLICE_MS));
  for (let i = end - 1; i >= first; i--) {
    const { requests, full } = series[i];
    if (requests === full) continue;
    return i === end - 1 ? Infinity : ((i + 1) * SLICE_MS - healedMs) / 1000;
  }
  return 0;
}
