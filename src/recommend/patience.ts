/**
 * How long to wait for something behind the service: as long as the budget allows, unless of late nothing came of it. Then every
 * request but one now and then waits briefly, since waiting longer would only make all answers late.
 */

/** So many in a row that did not come within what the budget allowed. */
const MISSES_MAX = 8;
/** Longer than what is well takes, mostly. */
const BRIEF_MS = 10;
/** So often one request waits as long as it may: what is slow, and not dead, is noticed then. */
const PROBE_EVERY_MS = 2000;

export class Patience {
  private misses = 0;
  private probedAtMs = -Infinity;

  /** @param nowMs monotonic */
  limit(allowedMs: number, nowMs: number): number {
    if (this.misses < MISSES_MAX) return allowedMs;
    if (nowMs - this.probedAtMs < PROBE_EVERY_MS) return Math.min(allowedMs, BRIEF_MS);
    this.probedAtMs = nowMs;
    return allowedMs;
  }

  /** @param came whether an answer came in time, be it a failure */
  learn(came: boolean, nowMs: number): void {
    if (came) {
      this.misses = 0;
    } else if (++this.misses === MISSES_MAX) {
      this.probedAtMs = nowMs;
    }
  }
}
