/**
 * How many candidates the ranker scores. A quality factor balances the width so that a percentile of the runs keeps its time: each
 * run in time raises it a little, each run over time lowers it by p / (100 - p) times as much. (As the latency quality factor of
 * Twitter's product mixer, published in 2023.) Where requests are few, that many runs take long: once none was over time for a while,
 * the factor rises with time too, so that the width is whole again within five seconds of the last one.
 */

/** The percentile that is to keep its time. */
const PERCENTILE = 95;
/** What is out of time weighs so much more than what is in time. */
export const DOWN_PER_UP = PERCENTILE / (100 - PERCENTILE);
const UP = 0.005;
const DOWN = UP * DOWN_PER_UP;

/** Above 1 lies what two runs over time may take away before the width is cut: a pause of the machine is no slow ranker. */
const FACTOR_MAX = 1 + 2 * DOWN;

/** So long after a run over time, the factor begins to rise without runs. Where more than ten a second are ranked, it never does under constant load. */
const QUIET_MS = 2000;
/** And is whole again after as long at most. */
const UP_PER_MS = 1 / 2000;

/** A ranker that sees fewer is not worth its time. */
export const WIDTH_MIN = 50;

/** Shares of time are told apart by powers of two, so that one client's short budgets do not cut the width of others. */
const SHARES = 16;
const RANKERS_MAX = 32;

/** How the runs of a ranker under one share of time go. Times are monotonic, in milliseconds. */
class Quality {
  /** 0 to FACTOR_MAX, as of `atMs`. */
  private factor = FACTOR_MAX;
  private atMs = -Infinity;
  private overAtMs = -Infinity;

  factorAt(nowMs: number): number {
    const risingMs = nowMs - Math.max(this.atMs, this.overAtMs + QUIET_MS);
    return risingMs > 0 ? Math.min(FACTOR_MAX, this.factor + risingMs * UP_PER_MS) : this.factor;
  }

  observe(inTime: boolean, nowMs: number): void {
    const risen = this.factorAt(nowMs);
    // A rise by time alone was a guess: a run over time takes back the whole of it.
    this.factor = inTime ? Math.min(FACTOR_MAX, risen + UP) : Math.max(0, Math.min(this.factor, risen - DOWN));
    this.atMs = nowMs;
    if (!inTime) this.overAtMs = nowMs;
  }
}

export class RankWidth {
  /** By ranker, by power of two of the share. */
  private readonly qualities = new Map<string, readonly Quality[]>();

  /**
   * @param shareMs what the run may take
   * @param nowMs monotonic
   * @returns candidates to score, at most `width`
   */
  of(ranker: string, shareMs: number, width: number, nowMs: number): number {
    const factor = this.qualities.get(ranker)?.[bucketOf(shareMs)].factorAt(nowMs) ?? FACTOR_MAX;
    return cutWidth(width, factor);
  }

  /** What a run did with its time. @param nowMs monotonic, when it ended */
  observe(ranker: string, shareMs: number, tookMs: number, nowMs: number): void {
    let qualities = this.qualities.get(ranker);
    if (qualities === undefined) {
      if (tookMs <= shareMs) return;
      if (this.qualities.size >= RANKERS_MAX) this.qualities.clear();
      qualities = Array.from({ length: SHARES }, () => new Quality());
      this.qualities.set(ranker, qualities);
    }
    qualities[bucketOf(shareMs)].observe(tookMs <= shareMs, nowMs);
  }
}

/** A share of a width, but never less than is worth a ranker's time. */
export function cutWidth(width: number, share: number): number {
  return share >= 1 ? width : Math.max(Math.min(WIDTH_MIN, width), Math.floor(share * width));
}

/** 0 for shares under half a millisecond. */
function bucketOf(shareMs: number): number {
  return Math.min(SHARES - 1, Math.max(0, Math.floor(Math.log2(shareMs)) + 2));
}
