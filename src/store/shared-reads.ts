/**
 * Reads of concurrent requests, for stores where a call costs: their keys go in one call a table, and a key is asked for once
 * however many wait for it.
 *
 * Keys are collected until the end of this turn of the event loop, and longer while calls of their table are under way: until
 * one of them ends, at most `collectMs`. Each key's flight has a deadline of its own, which no caller shortens: a caller that leaves,
 * by its timeout or its signal, leaves the others alone, and the call is aborted when nobody waits for any of its keys.
 *
 * A flight of a generation's table can be joined as long as it lasts, since its rows never change. One of a live table only until
 * it is sent: what was written before a read began is always seen by it.
 */
import { RowWaiter } from './flights/row-waiter.js';
import { SharedTable, type Shared, type SharedReadsCounts, type SharedReadsLimits } from './flights/shared-table.js';
import { checkBegin, checkKey } from './limits.js';
import { asStoreError, type RowOutcome, type RowReads } from './row-reads.js';
import type { CallOptions, RowRef, RowStore } from './row-store.js';

/** Generations leave tables behind that are asked no more. */
const IDLE_TABLES_MAX = 16;

export class SharedReads implements RowReads {
  readonly counts = { answered: 0, abandoned: 0, sent: 0, joined: 0, refused: 0 } satisfies SharedReadsCounts;
  private readonly tables = new Map<string, SharedTable>();
  private readonly shared: Shared;
  private flushing = false;

  constructor(store: Pick<RowStore, 'read'>, limits: SharedReadsLimits) {
    this.shared = { store, limits, counts: this.counts, flights: 0, flushSoon: this.flushSoon };
  }

  /** Keys that are waited for now. */
  get flights(): number {
    return this.shared.flights;
  }

  readEach(refs: readonly RowRef[], options: CallOptions = {}): Promise<RowOutcome[]> {
    return new Promise((resolve) => {
      const waiter = new RowWaiter(refs.length, resolve);
      for (let place = 0; place < refs.length; place++) this.ask(refs[place], waiter, place, options);
      waiter.limit(options);
    });
  }

  private ask({ table, key }: RowRef, waiter: RowWaiter, place: number, options: CallOptions): void {
    try {
      checkBegin(options);
      checkKey(key);
      this.tableOf(table).ask(key, waiter, place);
    } catch (error) {
      waiter.arrive(place, asStoreError(error));
    }
  }

  private tableOf(name: string): SharedTable {
    let table = this.tables.get(name);
    if (table === undefined) {
      table = new SharedTable(name, this.shared);
      this.tables.set(name, table);
    }
    return table;
  }

  private readonly flushSoon = (): void => {
    if (this.flushing) return;
    this.flushing = true;
    setImmediate(this.flush);
  };

  private readonly flush = (): void => {
    this.flushing = false;
    for (const table of this.tables.values()) table.flush();
    if (this.tables.size <= IDLE_TABLES_MAX) return;
    for (const [name, table] of this.tables) if (table.idle) this.tables.delete(name);
  };
}
