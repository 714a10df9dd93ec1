/** Reads of rows where each key has an outcome of its own. */
import type { CallOptions, Row, RowRef, RowStore } from './row-store.js';
import { StoreError } from './row-store.js';

/** The row, `undefined` where there is none, or why it could not be had. */
export type RowOutcome = Row | undefined | StoreError;

export interface RowReads {
  /** An outcome for each key, in the order asked. Never rejects. Rows may be shared with other callers: they are for reading only. */
  readEach(refs: readonly RowRef[], options?: CallOptions): Promise<RowOutcome[]>;
}

/** One call of the store a read: its keys arrive, or fail, together. For stores where a call costs next to nothing. */
export function wholeReads(store: Pick<RowStore, 'read'>): RowReads {
  return {
    readEach: async (refs, options) => {
      try {
        return await store.read(refs, options);
      } catch (error) {
        const failure = asStoreError(error);
        return refs.map(() => failure);
      }
    },
  };
}

export function asStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  return new StoreError('error', error instanceof Error ? error.message : String(error), { cause: error });
}
