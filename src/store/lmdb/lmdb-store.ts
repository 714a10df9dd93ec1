/** Rows in LMDB: one environment a generation and one for live tables, shared by the processes of a machine. */
import { checkBegin, checkCell, checkKey, checkRefs, parseTableName } from '../limits.js';
import { afterPrefix } from '../after-prefix.js';
import { withDeadline } from '../call-deadline.js';
import type { CallOptions, Row, RowMutation, RowRef, RowStore, RowWrite } from '../row-store.js';
import { StoreError } from '../row-store.js';
import type { Environment } from './environment.js';
import { MAP_BYTES_INITIAL } from './environment.js';
import { Environments } from './environments.js';
import { packRow, unpackRow } from './row-format.js';
import { rowId, rowKeyOf, tableId } from './row-id.js';
import { VersionedRows, readRow, wentWrong } from './versioned-rows.js';

const WRITE_BATCH_ROWS_MAX = 1000;
const WRITE_BATCH_BYTES_MAX = 8 * 1024 * 1024;
const SCAN_BATCH_ROWS_MAX = 256;
const SCAN_BATCH_BYTES_MAX = 4 * 1024 * 1024;
const DROP_BATCH_ROWS_MAX = 5000;

export interface LmdbStoreOptions {
  /** Directory of the data: `live/` and `rows/<generation>/` are made below it. */
  readonly dataDir: string;
  /** Address space that an environment maps at first; it grows as needed. Default: 1 GiB. */
  readonly mapBytesInitial?: number;
  /** Monotonic clock in milliseconds. Default: `performance.now`. */
  readonly nowMs?: () => number;
}

/** Opens nothing yet: environments open on first use. Never call from a worker thread. */
export function openLmdbStore(options: LmdbStoreOptions): RowStore {
  return new LmdbStore(options);
}

class LmdbStore implements RowStore {
  readonly driver = 'lmdb';
  private readonly environments: Environments;
  private readonly versioned = new VersionedRows();
  private closed = false;

  constructor(options: LmdbStoreOptions) {
    this.environments = new Environments(
      options.dataDir,
      options.nowMs ?? (() => performance.now()),
      options.mapBytesInitial ?? MAP_BYTES_INITIAL,
    );
  }

  read(refs: readonly RowRef[], options?: CallOptions): Promise<(Row | undefined)[]> {
    return this.attempt(options, () => {
      checkRefs(refs);
      // Everything in one turn: a read transaction moves on across an await.
      const fresh = new Map<string, Environment>();
      return refs.map(({ table, key }) => {
        const environment = fresh.get(table) ?? this.freshEnvironment(table, fresh);
        const bytes = readRow(environment.rows, rowId(table, key));
        if (bytes !== undefined) return unpackRow(bytes);
        // Where there is a row there is its table.
        requireTable(environment, table);
        return undefined;
      });
    });
  }

  mutate(ref: RowRef, mutation: RowMutation, options?: CallOptions): Promise<void> {
    return this.attempt(options, async () => {
      checkRefs([ref]);
      for (const [column, value] of mutation.set ?? []) checkCell(column, value);
      await this.versioned.update(
        rowId(ref.table, ref.key),
        () => this.writable(ref.table),
        (row) => {
          const columns = new Map(row);
          for (const column of mutation.remove ?? []) columns.delete(column);
          for (const [column, value] of mutation.set ?? []) columns.set(column, value);
          return columns.size === 0 ? 'remove' : packRow(ref.key, columns);
        },
      );
    });
  }

  compareAndSet(
    ref: RowRef,
    column: string,
    expected: Uint8Array | undefined,
    value: Uint8Array,
    options?: CallOptions,
  ): Promise<boolean> {
    return this.attempt(options, () => {
      checkRefs([ref]);
      checkCell(column, value);
      return this.versioned.update(
        rowId(ref.table, ref.key),
        () => this.writable(ref.table),
        (row) => {
          const held = row?.get(column);
          const equal =
            held === undefined || expected === undefined ? held === expected : Buffer.compare(held, expected) === 0;
          return equal ? packRow(ref.key, new Map(row).set(column, value)) : 'keep';
        },
      );
    });
  }

  writeAll(table: string, rows: AsyncIterable<RowWrite> | Iterable<RowWrite>, options?: CallOptions): Promise<number> {
    const stop = new AbortController();
    return this.attempt(
      options,
      async () => {
        let count = 0;
        let batchRows = 0;
        let batchBytes = 0;
        let written: Promise<unknown> | undefined;
        let environment = this.writable(table);
        for await (const { key, columns } of rows) {
          if (stop.signal.aborted) return count;
          checkKey(key);
          const bytes = packRow(key, new Map(columns));
          written = this.versioned.put(environment, rowId(table, key), bytes);
          written.catch(() => undefined);
          count++;
          batchBytes += bytes.length;
          if (++batchRows >= WRITE_BATCH_ROWS_MAX || batchBytes >= WRITE_BATCH_BYTES_MAX) {
            await written;
            environment = this.writable(table);
            batchRows = 0;
            batchBytes = 0;
          }
        }
        await written;
        return count;
      },
      () => {
        stop.abort();
      },
    );
  }

  async *scan(table: string, prefix: string, options?: CallOptions): AsyncIterable<{ key: string; row: Row }> {
    const end = afterPrefix(rowId(table, prefix));
    let start = prefix === '' ? Buffer.concat([tableId(table), Buffer.of(0)]) : rowId(table, prefix);
    const startedMs = performance.now();
    for (;;) {
      const { timeoutMs } = options ?? {};
      const left = timeoutMs === undefined ? {} : { timeoutMs: timeoutMs - (performance.now() - startedMs) };
      const batch = await this.attempt({ ...options, ...left }, () => this.scanBatch(table, start, end));
      for (const { id, row } of batch.entries) yield { key: rowKeyOf(table, id), row };
      if (batch.next === undefined) return;
      start = batch.next;
    }
  }

  private scanBatch(
    table: string,
    start: Buffer,
    end: Buffer,
  ): { entries: { id: Uint8Array; row: Row }[]; next?: Buffer } {
    const environment = this.freshEnvironment(table);
    requireTable(environment, table);
    const { rows } = environment;
    const entries: { id: Uint8Array; row: Row }[] = [];
    let bytes = 0;
    for (const { key, value } of rows.getRange({ start, end, limit: SCAN_BATCH_ROWS_MAX })) {
      entries.push({ id: key, row: unpackRow(value) });
      bytes += value.length;
      if (entries.length === SCAN_BATCH_ROWS_MAX || bytes >= SCAN_BATCH_BYTES_MAX) {
        return { entries, next: Buffer.concat([key, Buffer.of(0)]) };
      }
    }
    return { entries };
  }

  createTable(table: string): Promise<void> {
    return this.attempt(undefined, async () => {
      const { rows } = this.environments.use(this.environments.directoryOf(table), 'write');
      await rows.put(tableId(table), new Uint8Array(), 0);
    });
  }

  dropTable(table: string): Promise<void> {
    return this.attempt(undefined, async () => {
      const directory = this.environments.directoryOf(table);
      if (!this.environments.directories().includes(directory)) return;
      const rowsOf = () => this.environments.use(directory, 'write').rows;
      await rowsOf().remove(tableId(table));
      if (parseTableName(table).generation !== undefined && this.tablesIn(directory).length === 0) {
        this.environments.remove(directory);
        return;
      }
      const range = { start: tableId(table), end: afterPrefix(tableId(table)), limit: DROP_BATCH_ROWS_MAX };
      for (;;) {
        const rows = rowsOf();
        rows.resetReadTxn();
        const removed = [...rows.getKeys(range)].map((id) => rows.remove(id));
        if (removed.length === 0) break;
        await Promise.all(removed);
      }
    });
  }

  listTables(): Promise<string[]> {
    return this.attempt(undefined, () =>
      this.environments
        .directories()
        .flatMap((directory) => this.tablesIn(directory))
        .sort(),
    );
  }

  ping(options?: CallOptions): Promise<void> {
    return this.attempt(options, () => {
      const { rows } = this.environments.use(this.environments.directoryOf('sessions'), 'read');
      rows.resetReadTxn();
      rows.doesExist(tableId('sessions'));
    });
  }

  /** Waits for writes under way; later calls reject with `unavailable`. */
  async close(): Promise<void> {
    this.closed = true;
    await this.environments.close();
  }

  /** A reading environment at its newest state. @throws StoreError `no-table` where there is none at all */
  private freshEnvironment(table: string, into?: Map<string, Environment>): Environment {
    const environment = this.environments.use(this.environments.directoryOf(table), 'read');
    environment.rows.resetReadTxn();
    into?.set(table, environment);
    return environment;
  }

  /** @throws StoreError `no-table` */
  private writable(table: string): Environment {
    const directory = this.environments.directoryOf(table);
    if (this.environments.generationOf(directory) !== undefined) requireTable(this.freshEnvironment(table), table);
    const environment = this.environments.use(directory, 'write');
    requireTable(environment, table);
    return environment;
  }

  private async attempt<T>(
    options: CallOptions | undefined,
    work: () => T | Promise<T>,
    onEnd?: () => void,
  ): Promise<T> {
    checkBegin(options);
    if (this.closed) throw new StoreError('unavailable', 'the store is closed');
    try {
      const result = work();
      return await (result instanceof Promise ? withDeadline(result, options, onEnd) : result);
    } catch (error) {
      throw wentWrong(error);
    }
  }

  private tablesIn(directory: string): string[] {
    const { rows } = this.environments.use(directory, 'read');
    rows.resetReadTxn();
    const tables: string[] = [];
    let start: Buffer = Buffer.of(1);
    for (;;) {
      const id = [...rows.getKeys({ start, limit: 1 })].at(0);
      if (id === undefined) break;
      const name = Buffer.from(id.subarray(0, id.indexOf(0))).toString();
      if (rows.doesExist(tableId(name))) tables.push(name);
      start = afterPrefix(tableId(name));
    }
    return tables;
  }
}

/** @throws StoreError `no-table` */
function requireTable({ rows }: Environment, table: string): void {
  if (!rows.doesExist(tableId(table))) throw new StoreError('no-table', `there is no table "${table}"`);
}
