/**
 * When a model that seemed a little too slow for the serving thread is measured again: a busy machine may have made it seem so, and
 * in the pool it would serve a quarter fewer requests for as long as the process lives.
 */

/** Each after twice the time of the one before: the last some ten minutes after the first measurement. */
const LOOKS_MAX = 6;

export class SecondLooks {
  private left = LOOKS_MAX;

  constructor(
    private dueMs: number,
    private waitMs: number,
  ) {
    this.dueMs += waitMs;
  }

  isDue(nowMs: number): boolean {
    return this.left > 0 && nowMs >= this.dueMs;
  }

  looked(nowMs: number): void {
    this.left--;
    this.waitMs *= 2;
    this.dueMs = nowMs + this.waitMs;
  }
}
