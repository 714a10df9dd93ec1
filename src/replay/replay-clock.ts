/**
 * When replayed events count as having happened. Sources repeat and even turn back their time stamps, while the order of a
 * listener's plays is known; sessions are ordered by time, so the replay's time must never go back, and it begins after the rows.
 */
/** Sessions know the starts that left them by the second. */
const AFTER_ROWS_MS = 1_000;

export class ReplayClock {
  private latestMs: number;

  /** @param builtThroughMs last play in the listener's batch row */
  constructor(builtThroughMs: number) {
    this.latestMs = builtThroughMs + AFTER_ROWS_MS;
  }

  get nowMs(): number {
    return this.latestMs;
  }

  /** @returns the time that stands for `atMs`, not before any that was returned earlier */
  advanceTo(atMs: number): number {
    this.latestMs = Math.max(this.latestMs, atMs);
    return this.latestMs;
  }
}
