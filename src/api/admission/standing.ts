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

/** The pace is told by so many requests of a backlog at least, and by the more recent half of so many. */
const PACE_MIN = 4;
const PACE_MAX = 64;

export class Standing {
  underWay = 0;
  /** When the first request was started that left others of the client waiting, or of late; infinite where none has. Monotonic. */
  backlogSinceMs = Infinity;
  /** Requests started since then. */
  private startedInBacklog = 0;
  /** Monotonic, milliseconds. */
  private overloadedUntilMs = -Infinity;
  private quality = QUALITY_MAX;
  private qualityAtMs = -Infinity;
  /** What quality may lose now. */
  private losable = LOSS_MAX;

  isOverloaded(nowMs: number): boolean {
    this.restore(nowMs);
    return nowMs < this.overloadedUntilMs || this.quality < 1;
  }

  /**
   * A request was started that will be ranked.
   *
   * @param othersWait whether others of the client still do
   */
  started(nowMs: number, othersWait: boolean): void {
    this.restore(nowMs);
    this.quality = Math.min(QUALITY_MAX, this.quality + UP);
    if (!othersWait) return;
    if (this.startedInBacklog === 0) this.backlogSinceMs = nowMs;
    this.startedInBacklog++;
    if (this.startedInBacklog < PACE_MAX) return;
    this.startedInBacklog /= 2;
    this.backlogSinceMs = (this.backlogSinceMs + nowMs) / 2;
  }

  /** None of the client's requests waited any more. */
  backlogEnded(): void {
    this.backlogSinceMs = Infinity;
    this.startedInBacklog = 0;
  }

  /** Milliseconds from the start of one request to that of the next, as long as requests wait; 0 before that is known. */
  paceMs(nowMs: number): number {
    return this.startedInBacklog < PACE_MIN ? 0 : (nowMs - this.backlogSinceMs) / this.startedInBacklog;
  }

  /** A request could not be ranked in time. */
  missed(nowMs: number): void {
    this.overloadedUntilMs = nowMs + OVERLOADED_MS;
    this.lose(nowMs);
  }

  /** A request would not be ranked in time: no overload yet, unless there were more of them than a burst leaves. */
  willMiss(nowMs: number): void {
    this.lose(nowMs);
    if (this.quality < QUALITY_MAX - LOSS_MAX) this.overloadedUntilMs = nowMs + OVERLOADED_MS;
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

  private lose(nowMs: number): void {
    this.restore(nowMs);
    const lost = Math.min(DOWN, this.losable, this.quality);
    this.losable -= lost;
    this.quality -= lost;
  }

  /** @param nowMs may be a little before that of an earlier call: a turn is judged by the time at which it began */
  private restore(nowMs: number): void {
    const passedMs = Math.max(0, nowMs - this.qualityAtMs);
    this.qualityAtMs = Math.max(nowMs, this.qualityAtMs);
    this.quality = Math.min(QUALITY_MAX, this.quality + passedMs * UP_PER_MS);
    this.losable = Math.min(LOSS_MAX, this.losable + passedMs * LOSS_PER_MS);
  }
}
