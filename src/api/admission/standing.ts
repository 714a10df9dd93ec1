/** How one client is doing here. */
import { DOWN_PER_UP } from '../../recommend/rank-width.js';

/** A client is overloaded so long after its last request that could not be ranked in time, and for as long as its width is cut. */
const OVERLOADED_MS = 50;

/** For a request that is ranked, and for one that is not. */
const UP = 0.0005;
const DOWN = UP * DOWN_PER_UP;
/** Without requests too, quality is whole again after two seconds. */
const UP_PER_MS = 1 / 2000;
/** A burst is no overload, nor is a pause of the machine: quality falls by so much at once, and by 1 in a tenth of a second. */
const LOSS_MAX = 0.1;
const LOSS_PER_MS = 0.01;
/** Above 1 lies what a tenth of a second of overload takes away. */
const QUALITY_MAX = 2;

export class Standing {
  underWay = 0;
  /** Monotonic, milliseconds. */
  private overloadedUntilMs = -Infinity;
  private quality = QUALITY_MAX;
  private qualityAtMs = -Infinity;
  /** What quality may lose now. */
  private losable = LOSS_MAX;

  isOverloaded(nowMs: number): boolean {
    return nowMs < this.overloadedUntilMs || this.widthShare(nowMs) < 1;
  }

  /** A request was started that will be ranked. */
  started(nowMs: number): void {
    this.restore(nowMs);
    this.quality = Math.min(QUALITY_MAX, this.quality + UP);
  }

  /** A request could not be ranked in time. */
  missed(nowMs: number): void {
    this.overloadedUntilMs = nowMs + OVERLOADED_MS;
    this.restore(nowMs);
    const lost = Math.min(DOWN, this.losable, this.quality);
    this.losable -= lost;
    this.quality -= lost;
  }

  /**
   * The share of the full rank width that the client's requests may take, 0 to 1. It is balanced as the width of a slow ranker is
   * (`rank-width.ts`), so that a percentile of requests is ranked at all: each that is raises it a little, each that is not lowers
   * it by p / (100 - p) times as much. Half of the candidates ranked for everyone is more than all for half of the listeners.
   */
  widthShare(nowMs: number): number {
    this.restore(nowMs);
    return Math.min(1, this.quality);
  }

  /** @param nowMs may be a little before that of an earlier call: a turn is judged by the time at which it began */
  private restore(nowMs: number): void {
    const passedMs = Math.max(0, nowMs - this.qualityAtMs);
    this.qualityAtMs = Math.max(nowMs, this.qualityAtMs);
    this.quality = Math.min(QUALITY_MAX, this.quality + passedMs * UP_PER_MS);
    this.losable = Math.min(LOSS_MAX, this.losable + passedMs * LOSS_PER_MS);
  }
}
