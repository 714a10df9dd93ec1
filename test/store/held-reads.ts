/** Reads of a real store whose answers a test lets through, holds back or turns into failures. */
import { setImmediate as turn } from 'node:timers/promises';
import { abortedBy } from '../../src/store/call-deadline.js';
import type { CallOptions, Row, RowRef, RowStore } from '../../src/store/row-store.js';
import { StoreError } from '../../src/store/row-store.js';

/** A call that has been read, but not answered. */
export interface HeldCall {
  readonly refs: readonly RowRef[];
  readonly aborted: boolean;
  /** Answers with the rows as they were when the call was made, as a slow network would; resolves a turn later. */
  release(): Promise<void>;
  fail(why: StoreError): void;
}

export class HeldReads implements Pick<RowStore, 'read'> {
  /** All calls, in order. */
  readonly made: RowRef[][] = [];
  /** Those without an answer yet. */
  readonly held: HeldCall[] = [];

  constructor(private readonly store: Pick<RowStore, 'read'>) {}

  read(refs: readonly RowRef[], options?: CallOptions): Promise<(Row | undefined)[]> {
    this.made.push([...refs]);
    const rows = this.store.read(refs);
    rows.catch(() => undefined);
    return new Promise((resolve, reject) => {
      const answered = (): void => {
        const at = this.held.indexOf(call);
        if (at >= 0) this.held.splice(at, 1);
      };
      const call: HeldCall = {
        refs,
        get aborted() {
          return options?.signal?.aborted === true;
        },
        release: async () => {
          answered();
          await rows.then(resolve, reject);
          await turn();
        },
        fail: (why) => {
          answered();
          reject(why);
        },
      };
      this.held.push(call);
      options?.signal?.addEventListener('abort', () => {
        answered();
        reject(abortedBy(options.signal));
      });
    });
  }

  async releaseAll(): Promise<void> {
    while (this.held.length > 0) await this.held[0].release();
  }
}
