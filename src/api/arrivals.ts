/**
 * When requests came. What arrives while the event loop is at work, or while its thread waits for a processor, stays in a socket until
 * the loop looks there again: it may have waited since the loop looked last.
 */
import { performance } from 'node:perf_hooks';

export interface Loop {
  /** How often it has looked at its sockets. */
  readonly looks: () => number;
  /** So long it has waited for something to do, in all; milliseconds. */
  readonly idleMs: () => number;
}

/** Of this thread. */
export const LOOP: Loop = {
  looks: () => performance.nodeTiming.uvMetricsInfo.loopCount,
  idleMs: () => performance.nodeTiming.idleTime,
};

export class Arrivals {
  private looks = NaN;
  private idleMs = 0;
  private lookedAtMs = -Infinity;
  private sinceMs = -Infinity;

  /** @param nowMs monotonic, milliseconds */
  constructor(
    private readonly nowMs: () => number,
    private readonly loop: Loop = LOOP,
  ) {}

  /**
   * The earliest moment at which a request can have come that is read now; monotonic, milliseconds. Where nothing was read when the
   * loop looked last, that is not known, and it counts as having come now.
   */
  earliestMs(): number {
    const looks = this.loop.looks();
    if (looks === this.looks) return this.sinceMs;
    const nowMs = this.nowMs();
    const idleMs = this.loop.idleMs();
    const followed = looks === this.looks + 1 && idleMs === this.idleMs;
    this.sinceMs = followed ? this.lookedAtMs : nowMs;
    this.looks = looks;
    this.idleMs = idleMs;
    this.lookedAtMs = nowMs;
    return this.sinceMs;
  }
}
