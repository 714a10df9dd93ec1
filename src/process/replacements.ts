/** Processes that asked to be replaced while they serve: one at a time, and none ends before its stand-in serves. */

export interface Hooks {
  /** Starts a stand-in for the process of this slot. @returns the slot of the stand-in */
  start(slot: number): number;
  /** From here on the stand-in is the process that counts; the other is to end, should it still run. */
  handOver(slot: number, standIn: number): void;
  /** The process of this slot has ended, and its stand-in counts. */
  replaced(slot: number): void;
  /** Its time to end, or to be ready, is over. */
  kill(slot: number): void;
}

export interface ReplacementTimes {
  /** From the start of a stand-in until it is ready. */
  readonly readyMs: number;
  /** From the request to end until the end. */
  readonly endMs: number;
  /** After a stand-in that failed, until the next is tried. */
  readonly retryMs: number;
}

interface Step {
  readonly name: 'starting' | 'ending' | 'pausing';
  readonly slot: number;
  readonly standIn: number;
  readonly timer: NodeJS.Timeout;
}

/** `crashed`: nothing that was planned. */
export type Ending = 'replaced' | 'stand-in-failed' | 'crashed';

export class Replacements {
  /** Slots, at most one entry a process. */
  private readonly waiting = new Set<number>();
  private step: Step | undefined;
  private closed = false;

  constructor(
    private readonly hooks: Hooks,
    private readonly times: ReplacementTimes,
  ) {}

  /** The process of this slot should be replaced, when it is its turn. */
  ask(slot: number): void {
    if (this.step?.name !== 'pausing' && this.step?.slot === slot) return;
    this.waiting.add(slot);
    this.next();
  }

  /** The process of this slot serves. */
  ready(slot: number): void {
    const { step } = this;
    if (step?.name !== 'starting' || step.standIn !== slot) return;
    this.enter('ending', step.slot, step.standIn, this.times.endMs, () => {
      this.hooks.kill(step.slot);
    });
    this.hooks.handOver(step.slot, step.standIn);
  }

  /** What the end of the process of this slot was: one that was replaced, or a stand-in that failed, is not to be started again. */
  exited(slot: number): Ending {
    const { step } = this;
    if (step !== undefined && step.name !== 'pausing' && step.slot === slot) {
      this.leave();
      if (step.name === 'starting') this.hooks.handOver(step.slot, step.standIn);
      this.hooks.replaced(slot);
      this.next();
      return 'replaced';
    }
    if (step?.name === 'starting' && step.standIn === slot) {
      this.waiting.add(step.slot);
      this.enter('pausing', step.slot, step.standIn, this.times.retryMs, () => {
        this.leave();
        this.next();
      });
      return 'stand-in-failed';
    }
    this.waiting.delete(slot);
    return 'crashed';
  }

  /** Starts nothing any more. */
  close(): void {
    this.closed = true;
    this.leave();
  }

  private next(): void {
    if (this.closed || this.step !== undefined) return;
    for (const slot of this.waiting) {
      this.waiting.delete(slot);
      const standIn = this.hooks.start(slot);
      this.enter('starting', slot, standIn, this.times.readyMs, () => {
        this.hooks.kill(standIn);
      });
      return;
    }
  }

  private enter(name: Step['name'], slot: number, standIn: number, ms: number, whenOver: () => void): void {
    this.leave();
    this.step = { name, slot, standIn, timer: setTimeout(whenOver, ms).unref() };
  }

  private leave(): void {
    clearTimeout(this.step?.timer);
    this.step = undefined;
  }
}
