/** Rows by key. The contract suite `test/contract/row-store.contract.ts` runs against every driver. */

/** Column name to value. */
export type Row = ReadonlyMap<string, Uint8Array>;

export interface RowRef {
  readonly table: string;
  readonly key: string;
}

export interface CallOptions {
  /**
   * The call rejects with `aborted` as soon as this is aborted, or with the reason of the abort where that is a StoreError; what
   * arrives later is discarded.
   */
  readonly signal?: AbortSignal;
  /** The call rejects with `timeout` after this many milliseconds. */
  readonly timeoutMs?: number;
}

export interface RowMutation {
  readonly set?: readonly (readonly [column: string, value: Uint8Array])[];
  readonly remove?: readonly string[];
}

export interface RowWrite {
  readonly key: string;
  readonly columns: readonly (readonly [column: string, value: Uint8Array])[];
}

/** Keys are at most 1,024 bytes of UTF-8, column names 256, a value 10 MB, a row 32 MB; larger ones reject with `too-large`. */
export interface RowStore {
  readonly driver: 'lmdb' | 'bigtable';
  /** Rows in the order asked, `undefined` where there is none; one state of each row. Values are owned by the caller. */
  read(refs: readonly RowRef[], options?: CallOptions): Promise<(Row | undefined)[]>;
  /** Sets and removes columns of one row, atomically, creating the row. */
  mutate(ref: RowRef, mutation: RowMutation, options?: CallOptions): Promise<void>;
  /** Sets one column if it holds `expected` (`undefined`: if it is absent), atomically. True when it was set. */
  compareAndSet(
    ref: RowRef,
    column: string,
    expected: Uint8Array | undefined,
    value: Uint8Array,
    options?: CallOptions,
  ): Promise<boolean>;
  /** Writes many rows, bounded in memory; each row replaces the one of the same key. Resolves when all are durable. */
  writeAll(table: string, rows: AsyncIterable<RowWrite> | Iterable<RowWrite>, options?: CallOptions): Promise<number>;
  /** All rows whose key starts with `prefix`, in key order. Not for the request path. */
  scan(
    table: string,
    prefix: string,
    options?: CallOptions,
  ): AsyncIterable<{ readonly key: string; readonly row: Row }>;
  /** Idempotent. Tables are named `name` or `name.generation`. */
  createTable(table: string): Promise<void>;
  dropTable(table: string): Promise<void>;
  listTables(): Promise<string[]>;
  /** Resolves when the store answers. */
  ping(options?: CallOptions): Promise<void>;
  close(): Promise<void>;
}

export type StoreErrorCause = 'timeout' | 'aborted' | 'unavailable' | 'overload' | 'too-large' | 'no-table' | 'error';

export class StoreError extends Error {
  override readonly name = 'StoreError';

  constructor(
    readonly reason: StoreErrorCause,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
