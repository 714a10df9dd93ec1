/**
 * Answers that wait to be handed out together: whoever reads them is then woken once for all of them, and writing them is done in
 * a row. A client on the same machine that is woken for each takes the processor from the service each time.
 */
export class ReadyAnswers {
  private waiting: (() => void)[] = [];
  private sinceMs = Infinity;

  add(handOut: () => void, nowMs: number): void {
    if (this.waiting.length === 0) this.sinceMs = nowMs;
    this.waiting.push(handOut);
  }

  /** How long the first of them has waited; negative without any. */
  waitedMs(nowMs: number): number {
    return nowMs - this.sinceMs;
  }

  /** @returns whether there were any */
  handOut(): boolean {
    const { waiting } = this;
    if (waiting.length === 0) return false;
    this.waiting = [];
    this.sinceMs = Infinity;
    for (const handOut of waiting) handOut();
    return true;
  }
}
