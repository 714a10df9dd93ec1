/** A real row store, with faults where a test wants them. */
import type { CallOptions, Row, RowMutation, RowRef, RowStore, RowWrite } from '../../src/store/row-store.js';

export interface StoreFaults {
  before(operation: 'read' | 'mutate', table: string): void | Promise<void>;
  /** The write is done; what is thrown here is a lost answer. */
  after(operation: 'mutate', table: string): void | Promise<void>;
}

export class FaultyStore implements RowStore {
  faults: Partial<StoreFaults> = {};
  mutations = 0;
  reads = 0;

  constructor(private readonly store: RowStore) {}

  get driver(): RowStore['driver'] {
    return this.store.driver;
  }
  async read(refs: readonly RowRef[], options?: CallOptions): Promise<(Row | undefined)[]> {
    this.reads++;
    await this.faults.before?.('read', refs[0]?.table ?? '');
    return this.store.read(refs, options);
  }
  async mutate(ref: RowRef, mutation: RowMutation, options?: CallOptions): Promise<void> {
    this.mutations++;
    await this.faults.before?.('mutate', ref.table);
    await this.store.mutate(ref, mutation, options);
    await this.faults.after?.('mutate', ref.table);
  }
  compareAndSet(
    ref: RowRef,
    column: string,
    expected: Uint8Array | undefined,
    value: Uint8Array,
    options?: CallOptions,
  ): Promise<boolean> {
    return this.store.compareAndSet(ref, column, expected, value, options);
  }
  writeAll(table: string, rows: AsyncIterable<RowWrite> | Iterable<RowWrite>, options?: CallOptions): Promise<number> {
    return this.store.writeAll(table, rows, options);
  }
  scan(
    table: string,
    prefix: string,
    options?: CallOptions,
  ): AsyncIterable<{ readonly key: string; readonly row: Row }> {
    return this.store.scan(table, prefix, options);
  }
  createTable(table: string): Promise<void> {
    return this.store.createTable(table);
  }
  dropTable(table: string): Promise<void> {
    return this.store.dropTable(table);
  }
  listTables(): Promise<string[]> {
    return this.store.listTables();
  }
  ping(options?: CallOptions): Promise<void> {
    return this.store.ping(options);
  }
  close(): Promise<void> {
    return this.store.close();
  }
}
