/** When a service was whole again. */
import { SLICE_MS, type Slice } from '../load/recorder.js';

/** So long every answer has to be full. A single late answer after that counts as one of a calm time, of which there are some too. */
export const WHOLE_MS = 2000;

export interface Healing {
  /** From the end of the fault to the beginning of the first `WHOLE_MS` in which every answer was full; Infinity where there are none. */
  readonly seconds: number;
  /** Seconds to the last tenth with an answer that was less than full or failed, whatever came before it. */
  readonly lastSeconds: number;
}

/** @param untilMs the end of what is looked at */
export function healingOf(series: readonly Slice[], healedMs: number, untilMs: number): Healing {
  const first = Math.ceil(healedMs / SLICE_MS);
  const end = Math.min(series.length, Math.floor(untilMs / SLICE_MS));
  const secondsTo = (slice: number): number => Math.max(0, (slice * SLICE_MS - healedMs) / 1000);
  let wholeFrom: number | undefined;
  let last = first;
  for (let i = first, from = first; i < end; i++) {
    const { requests, full } = series[i];
    if (requests !== full) {
      from = i + 1;
      last = i + 1;
    }
    if (wholeFrom === undefined && (i + 1 - from) * SLICE_MS >= WHOLE_MS) wholeFrom = from;
  }
  return { seconds: wholeFrom === undefined ? Infinity : secondsTo(wholeFrom), lastSeconds: secondsTo(last) };
}
