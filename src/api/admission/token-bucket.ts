/** A rate with a burst: tokens drip in steadily up to `burst`, and each request takes one. */
export class TokenBucket {
  private tokens: number;
  private atMs = -Infinity;

  /** @param perSecond tokens a second, over 0 @param burst tokens after a pause, 1 or more */
  constructor(
    private readonly perSecond: number,
    private readonly burst: number,
  ) {
    this.tokens = burst;
  }

  /**
   * Takes a token.
   *
   * @param nowMs monotonic
   * @returns 0, or when there is none the milliseconds until there is
   */
  take(nowMs: number): number {
    this.tokens = Math.min(this.burst, this.tokens + (Math.max(0, nowMs - this.atMs) / 1000) * this.perSecond);
    this.atMs = Math.max(this.atMs, nowMs);
    if (this.tokens < 1) return ((1 - this.tokens) / this.perSecond) * 1000;
    this.tokens--;
    return 0;
  }
}
