/** When a process that died is started again. */

const WINDOW_MS = 60_000;
const FIRST_DELAY_MS = 100;
const DELAY_MAX_MS = 10_000;

/** Doubling delays; after too many restarts within a minute, none. */
export class Restarts {
  private readonly times: number[] = [];

  /** @param perMinuteMax restarts within any minute at most */
  constructor(private readonly perMinuteMax: number) {}

  /** Milliseconds to wait before the restart, or `undefined` when it is time to give up. */
  delayMs(nowMs: number): number | undefined {
    while ((this.times[0] ?? nowMs) < nowMs - WINDOW_MS) this.times.shift();
    if (this.times.length >= this.perMinuteMax) return undefined;
    const delayMs = Math.min(DELAY_MAX_MS, FIRST_DELAY_MS * 2 ** this.times.length);
    this.times.push(nowMs);
    return delayMs;
  }
}
