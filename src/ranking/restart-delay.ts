/** How long to wait before a worker is replaced: at once at first, longer the more of them went within a minute. */

const WINDOW_MS = 60_000;
const DELAY_MS_MAX = 10_000;

export class RestartDelay {
  private recent: number[] = [];

  constructor(private readonly nowMs: () => number) {}

  /** Milliseconds: 0, 50, 150, 350, … 10,000. */
  next(): number {
    const nowMs = this.nowMs();
    this.recent = this.recent.filter((atMs) => nowMs - atMs < WINDOW_MS);
    const delayMs = Math.min(DELAY_MS_MAX, 50 * (2 ** Math.min(this.recent.length, 16) - 1));
    this.recent.push(nowMs);
    return delayMs;
  }
}
