/**
 * When requests came. What arrives while the event loop is at work, or while its thread waits for a processor, stays in a socket until
 * the loop looks there again: it came at some time since the loop looked last.
 */
import { performance } from 'node:perf_hooks';

export interface Loop {
  /** How often it has looked at its sockets. */
  readonly looks: () => number;
  /** So long it has waited for something to do, in all; milliseconds. */
  readonly idleMs: () => number;
}

/** Of this thread. */
const LOOP: Loop = {
  looks: () => performance.nodeTiming.uvMetricsInfo.loopCount,
  idleMs: () => performance.nodeTiming.idleTime,
};

/** One look of the loop at its sockets. Times are monotonic milliseconds. */
interface Look {
  /** No request that was found can have come before; undefined where that is not known, or they were waited for. */
  readonly sinceMs: number | undefined;
  /** When the first of them was read. */
  readonly atMs: number;
  requests: number;
}

/** A request that was read. */
export class Arrival {
  private readonly before: number;

  /** @param receivedAtMs when it was read; monotonic, milliseconds */
  constructor(
    readonly receivedAtMs: number,
    private readonly look: Look,
  ) {
    this.before = look.requests++;
  }

  /**
   * When it came, as far as can be told once all that the loop found is read: sockets are read in the order in which something came,
   * so the requests are spread evenly over the time in which they can have come. Monotonic, milliseconds.
   */
  get cameAtMs(): number {
    const { sinceMs, atMs, requests } = this.look;
    if (sinceMs === undefined) return this.receivedAtMs;
    return sinceMs + ((atMs - sinceMs) * (this.before + 0.5)) / requests;
  }
}

export class Arrivals {
  private looks = NaN;
  private idleMs = 0;
  private look: Look = { sinceMs: undefined, atMs: 0, requests: 0 };

  /** @param nowMs monotonic, milliseconds */
  constructor(
    private readonly nowMs: () => number,
    private readonly loop: Loop = LOOP,
  ) {}

  /**
   * A request was read now. Where the loop was idle, or found nothing when it looked last, it counts as having come now.
   */
  next(): Arrival {
    const nowMs = this.nowMs();
    const looks = this.loop.looks();
    if (looks !== this.looks) {
      const idleMs = this.loop.idleMs();
      const followed = looks === this.looks + 1 && idleMs === this.idleMs;
      this.look = { sinceMs: followed ? this.look.atMs : undefined, atMs: nowMs, requests: 0 };
      this.looks = looks;
      this.idleMs = idleMs;
    }
    return new Arrival(nowMs, this.look);
  }
}
