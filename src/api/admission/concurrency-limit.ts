/**
 * How many requests a process works on at once, found while it serves: as many as can be without their waiting for each other.
 *
 * After the gradient limit of Netflix's concurrency-limits (https://github.com/Netflix/concurrency-limits; "Performance Under
 * Load", 2018): the limit is multiplied by the time that a request takes alone over the time it takes now, and a small queue is
 * added. Two things differ. What a request takes alone is a mean and not the least that was seen, because requests are not alike
 * (a cached list, 50 candidates, 500); it is measured whenever few are under way, and under lasting load the limit is lowered for
 * a moment to measure it. And where every request gives up waiting for something behind the service, its time tells nothing
 * about the service: unless the process itself is busy, more may then wait.
 */

/** So many requests hardly disturb each other. */
const ALONE_MAX = 2;
const LIMIT_MIN = ALONE_MAX;
const LIMIT_MAX = 512;
const LIMIT_INITIAL = 8;
/** Requests that may wait for each other, so that no time is idle; of a large limit its square root. */
const QUEUE_MIN = 2;
const SAMPLES_MIN = 16;
const SMOOTHING = 0.5;
const GRADIENT_MIN = 0.2;
/** Weight of one request in the mean of those alone. */
const ALONE_WEIGHT = 0.2;
/** Where requests take longer than alone, and what they take alone was not measured for so long, the limit is lowered for it. */
const PROBE_AFTER_MS = 3_000;
const PROBE_BELOW_GRADIENT = 0.9;
/** Share of the limit that stays while it is lowered. */
const PROBE_SHARE = 0.25;
const PROBE_SAMPLES = 8;
const PROBE_MS_MAX = 250;
/** Growth in a window in which nothing came back in time. */
const STALLED_GROWTH = 1.5;
/** Share of the time in which the event loop works, from which on the process counts as busy. */
const BUSY = 0.9;

export interface LimitParts {
  /** Monotonic, milliseconds. */
  readonly nowMs: () => number;
  /** Share of the time since it was last asked in which the event loop worked. */
  readonly utilization: () => number;
}

/** A request under way. */
export interface Started {
  readonly atMs: number;
  /** What `crowds` was while the request counted as alone; -1 where it never did. */
  readonly crowds: number;
}

export class ConcurrencyLimit {
  private limit = LIMIT_INITIAL;
  private aloneMs: number | undefined;
  private measuredAtMs = -Infinity;
  private gradient = 1;
  private probe: { readonly limit: number; readonly untilMs: number; samples: number } | undefined;
  private samples = 0;
  private gaveUp = 0;
  private sumMs = 0;
  private wasReached = false;
  private underWay = 0;
  /** How often a request joined more than those that count as alone. */
  private crowds = 0;

  constructor(private readonly parts: LimitParts) {}

  /** Requests that may be under way now. */
  get current(): number {
    return this.probe?.limit ?? Math.floor(this.limit);
  }

  get requestsUnderWay(): number {
    return this.underWay;
  }

  /** A request starts. @returns what to end it with, once. */
  start(): Started {
    this.underWay++;
    const isCrowd = this.underWay > (this.probe?.limit ?? ALONE_MAX);
    if (isCrowd) this.crowds++;
    return { atMs: this.parts.nowMs(), crowds: isCrowd ? -1 : this.crowds };
  }

  /** To be called when a request has to wait because `current` are under way. */
  reached(): void {
    this.wasReached = true;
    const nowMs = this.parts.nowMs();
    if (this.probe !== undefined && nowMs > this.probe.untilMs) this.endProbe(nowMs);
    if (this.probe !== undefined || !this.isMeasurementDue(nowMs)) return;
    const limit = Math.max(ALONE_MAX, Math.floor(this.limit * PROBE_SHARE));
    this.probe = { limit, untilMs: nowMs + PROBE_MS_MAX, samples: 0 };
  }

  /** Where requests take as long as alone there is nothing to learn; where they take far longer, the limit has to fall first. */
  private isMeasurementDue(nowMs: number): boolean {
    if (nowMs - this.measuredAtMs < PROBE_AFTER_MS) return false;
    return this.aloneMs === undefined || (this.gradient < PROBE_BELOW_GRADIENT && this.gradient > GRADIENT_MIN);
  }

  /** A request ends of which nothing can be learnt: it failed, or its client went away. */
  end(): void {
    this.underWay--;
  }

  /**
   * A request ends with an answer.
   *
   * @param gaveUp whether it gave up waiting for something behind the service
   * @returns milliseconds since its start
   */
  answered(started: Started, gaveUp: boolean): number {
    this.underWay--;
    const ms = this.parts.nowMs() - started.atMs;
    if (started.crowds === this.crowds) this.measure(ms, gaveUp);
    this.samples++;
    this.sumMs += ms;
    if (gaveUp) this.gaveUp++;
    if (this.samples >= Math.max(SAMPLES_MIN, this.limit)) this.adjust();
    return ms;
  }

  private measure(ms: number, gaveUp: boolean): void {
    const nowMs = this.parts.nowMs();
    if (!gaveUp) this.aloneMs = this.aloneMs === undefined ? ms : this.aloneMs + ALONE_WEIGHT * (ms - this.aloneMs);
    if (this.probe === undefined) this.measuredAtMs = nowMs;
    else if (++this.probe.samples >= PROBE_SAMPLES) this.endProbe(nowMs);
  }

  private endProbe(nowMs: number): void {
    this.measuredAtMs = nowMs;
    this.probe = undefined;
    this.startWindow();
  }

  private adjust(): void {
    const isBusy = this.parts.utilization() > BUSY;
    const target = Math.min(this.targetOf(isBusy), this.wasReached ? LIMIT_MAX : this.limit);
    this.limit = Math.max(LIMIT_MIN, this.limit + SMOOTHING * (target - this.limit));
    this.startWindow();
  }

  private targetOf(isBusy: boolean): number {
    const queue = Math.max(QUEUE_MIN, Math.sqrt(this.limit));
    if (this.gaveUp === this.samples) return this.limit * (isBusy ? GRADIENT_MIN : STALLED_GROWTH) + queue;
    if (this.aloneMs === undefined) return this.limit;
    const gradient = (this.aloneMs * this.samples) / this.sumMs;
    this.gradient = Math.min(1, Math.max(GRADIENT_MIN, gradient));
    return this.limit * this.gradient + queue;
  }

  private startWindow(): void {
    this.samples = 0;
    this.gaveUp = 0;
    this.sumMs = 0;
    this.wasReached = false;
  }
}
