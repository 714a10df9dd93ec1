/** The milliseconds a request may take, and what is left of them. */

/** Milliseconds kept back for writing the answer. */
export const MARGIN_MS = 1;

/** With less than this nothing can be read or ranked: the answer is `popular`. */
export const FLOOR_MS = 2;

export interface Budget {
  readonly totalMs: number;
  /** On the monotonic clock. */
  readonly deadlineMs: number;
}

/**
 * The least of the client's deadline with a margin, the `budgetMs` asked for and the surface's maximum.
 *
 * @param receivedAtMs monotonic time at which the request arrived
 * @param deadlineMs monotonic time of the client's deadline, if it set one
 */
export function budgetOf(
  receivedAtMs: number,
  surface: { readonly budgetDefaultMs: number; readonly budgetMaxMs: number },
  budgetMs: number | undefined,
  deadlineMs: number | undefined,
): Budget {
  const asked = Math.min(budgetMs ?? surface.budgetDefaultMs, surface.budgetMaxMs);
  const untilDeadline = deadlineMs === undefined ? Infinity : deadlineMs - receivedAtMs - MARGIN_MS;
  const totalMs = Math.max(0, Math.min(asked, untilDeadline));
  return { totalMs, deadlineMs: receivedAtMs + totalMs };
}

const SAMPLES = 128;
const REFRESH_EVERY = 32;

/** The recent 95th percentile of a duration, over the last 128 samples. */
export class RecentP95 {
  private readonly samples = new Float64Array(SAMPLES);
  private readonly sorted = new Float64Array(SAMPLES);
  private seen = 0;
  private p95: number;

  constructor(initialMs: number) {
    this.p95 = initialMs;
  }

  get ms(): number {
    return this.p95;
  }

  add(ms: number): void {
    this.samples[this.seen % SAMPLES] = ms;
    this.seen++;
    if (this.seen % REFRESH_EVERY !== 0) return;
    const count = Math.min(this.seen, SAMPLES);
    const sorted = this.sorted.subarray(0, count);
    sorted.set(this.samples.subarray(0, count));
    sorted.sort();
    this.p95 = sorted[Math.min(count - 1, Math.floor(count * 0.95))] ?? this.p95;
  }
}
