/**
 * How many candidates the ranker scores. A quality factor balances the width so that a percentile of the runs keeps its time: each
 * run in time raises it a little, each run over time lowers it by p / (100 - p) times as much. (As the latency quality factor of
 * Twitter's product mixer, published in 2023.)
 */

/** The percentile that is to keep its time. */
const PERCENTILE = 95;
/** What is out of time weighs so much more than what is in time. */
export const DOWN_PER_UP = PERCENTILE / (100 - PERCENTILE);
const UP = 0.005;
const DOWN = UP * DOWN_PER_UP;

/** Above 1 lies what two runs over time may take away before the width is cut: a pause of the machine is no slow ranker. */
const FACTOR_MAX = 1 + 2 * DOWN;

/** A ranker that sees fewer is not worth its time. */
export const WIDTH_MIN = 50;

/** Shares of time are told apart by powers of two, so that one client's short budgets do not cut the width of others. */
const SHARES = 16;
const RANKERS_MAX = 32;

export class RankWidth {
  /** By ranker, by power of two of the share: 0 to FACTOR_MAX. */
  private readonly factors = new Map<string, Float64Array>();

  /** @param shareMs what the run may take @returns candidates to score, at most `width` */
  of(ranker: string, shareMs: number, width: number): number {
    const factor = this.factors.get(ranker)?.[bucketOf(shareMs)] ?? FACTOR_MAX;
    return cutWidth(width, factor);
  }

  /** What a run did with its time. */
  observe(ranker: string, shareMs: number, tookMs: number): void {
    let factors = this.factors.get(ranker);
    if (factors === undefined) {
      if (tookMs <= shareMs) return;
      if (this.factors.size >= RANKERS_MAX) this.factors.clear();
      factors = new Float64Array(SHARES).fill(FACTOR_MAX);
      this.factors.set(ranker, factors);
    }
    const bucket = bucketOf(shareMs);
    const next = factors[bucket] + (tookMs <= shareMs ? UP : -DOWN);
    factors[bucket] = Math.min(FACTOR_MAX, Math.max(0, next));
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
