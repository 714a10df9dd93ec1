/** One caller of shared reads: what arrived for it so far, and when it stops waiting. */
import type { RowOutcome } from '../row-reads.js';
import { StoreError, type CallOptions } from '../row-store.js';

/** What a caller waits for, and leaves when it stops waiting. */
export interface Awaited {
  leave(why: StoreError): void;
}

/** Resolves once: when the last outcome is there, or when it ends, with what has arrived and the reason in all other places. */
export class RowWaiter {
  private readonly outcomes: RowOutcome[];
  /** By place; absent where the outcome is there. */
  private readonly awaited: (Awaited | undefined)[];
  private missing: number;
  private timer: NodeJS.Timeout | undefined;
  private signal: AbortSignal | undefined;

  constructor(
    count: number,
    private readonly resolve: (outcomes: RowOutcome[]) => void,
  ) {
    this.outcomes = new Array<RowOutcome>(count);
    this.awaited = new Array<Awaited | undefined>(count);
    this.missing = count;
    if (count === 0) this.finish();
  }

  /** The outcome of a place comes from there, by `arrive`. */
  waitFor(place: number, awaited: Awaited): void {
    this.awaited[place] = awaited;
  }

  /** At most once a place; outcomes for a caller that has ended are discarded. */
  arrive(place: number, outcome: RowOutcome): void {
    if (this.missing === 0) return;
    this.outcomes[place] = outcome;
    this.awaited[place] = undefined;
    if (--this.missing === 0) this.finish();
  }

  /** Ends by these options what has not ended yet. */
  limit({ signal, timeoutMs }: CallOptions): void {
    if (this.missing === 0) return;
    if (timeoutMs !== undefined) this.timer = setTimeout(this.onTimeout, timeoutMs, timeoutMs);
    this.signal = signal;
    signal?.addEventListener('abort', this.onAbort);
  }

  private end(why: StoreError): void {
    this.missing = 0;
    const left: Awaited[] = [];
    for (const [place, awaited] of this.awaited.entries()) {
      if (awaited === undefined) continue;
      this.outcomes[place] = why;
      left.push(awaited);
    }
    this.finish();
    for (const awaited of left) awaited.leave(why);
  }

  private readonly onTimeout = (timeoutMs: number): void => {
    this.end(new StoreError('timeout', `no answer within ${timeoutMs} ms`));
  };

  private readonly onAbort = (): void => {
    this.end(new StoreError('aborted', 'the call was aborted'));
  };

  private finish(): void {
    clearTimeout(this.timer);
    this.signal?.removeEventListener('abort', this.onAbort);
    this.resolve(this.outcomes);
  }
}
