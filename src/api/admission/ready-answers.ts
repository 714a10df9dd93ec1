/**
 * Answers that wait to be handed out together: whoever reads them is then woken once for all of them, and writing them is done in
 * a row. A client on the same machine that is woken for each takes the processor from the service each time.
 */

/** In the middle of a turn of the event loop, an answer waits so long at most. */
const WAIT_MS_MAX = 1;

export class ReadyAnswers {
  private waiting: (() => void)[] = [];
  private sinceMs = Infinity;

  /**
   * @param nowMs monotonic, milliseconds
   * @param onAdded told of each answer: `handOut` has to follow soon
   */
  constructor(
    private readonly nowMs: () => number,
    private readonly onAdded: () => void,
  ) {}

  add(handOut: () => void): void {
    if (this.waiting.length === 0) this.sinceMs = this.nowMs();
    this.waiting.push(handOut);
    this.onAdded();
  }

  /** Resolves when they are on their way. */
  async handOut(): Promise<void> {
    const { waiting } = this;
    if (waiting.length === 0) return;
    this.waiting = [];
    this.sinceMs = Infinity;
    for (const handOut of waiting) handOut();
    await everythingReady();
  }

  /** Resolves when nothing is left to be done without waiting; hands out what has waited for long. */
  async settle(): Promise<void> {
    await everythingReady();
    if (this.nowMs() - this.sinceMs > WAIT_MS_MAX) await this.handOut();
  }
}

/** Resolves when nothing is left to be done without waiting: all callbacks of settled promises have run. */
export function everythingReady(): Promise<void> {
  return new Promise((resolve) => {
    // A tick that is asked for among those callbacks comes after all of them.
    queueMicrotask(() => {
      process.nextTick(resolve);
    });
  });
}
