/** Rows in Google Cloud Bigtable: a table each, one column family, one call a table and read. */
import { credentials, status } from '@grpc/grpc-js';
import { checkBegin, checkCell, checkColumn, checkRefs, parseTableName } from '../limits.js';
import { afterPrefix } from '../after-prefix.js';
import { withDeadline } from '../call-deadline.js';
import type { CallOptions, Row, RowMutation, RowRef, RowStore, RowWrite } from '../row-store.js';
import { StoreError } from '../row-store.js';
import { BulkWriter } from './bulk-writer.js';
import { cellFilter, FAMILY, mutationsOf, setCell } from './cells.js';
import { Connection } from './connection.js';
import { googleCredentials } from './credentials.js';
import * as methods from './methods.js';
import { retriedOnce } from './retried-once.js';
import { RowMerger } from './row-merger.js';
import { isServiceError, storeError } from './status.js';

const ADMIN_TIMEOUT_MS = 60_000;
const BULK_TIMEOUT_MS = 60_000;
const SCAN_PAGE_ROWS_MAX = 1000;
const SCAN_PAGE_BYTES_MAX = 8 * 1024 * 1024;
const LIST_PAGES_MAX = 1000;

export interface BigtableStoreOptions {
  readonly projectId: string;
  readonly instanceId: string;
  /** Routing; compare-and-set needs a profile that routes to a single cluster. Default: the instance's default profile. */
  readonly appProfileId?: string;
  /** `host:port` of an emulator: plain text, no credentials. Default: Google's endpoints. */
  readonly emulatorHost?: string;
  /** Service account key file. Default: the credentials of the machine (Application Default Credentials). */
  readonly keyFile?: string;
  /** Milliseconds for a call whose options name none. Default: 10,000. */
  readonly timeoutMsDefault?: number;
  /** Monotonic clock in milliseconds. Default: `performance.now`. */
  readonly nowMs?: () => number;
  /** In [0, 1), spreads retries. Default: `Math.random`. */
  readonly random?: () => number;
}

/** Connects on first use. */
export function openBigtableStore(options: BigtableStoreOptions): RowStore {
  return new BigtableStore(options);
}

class BigtableStore implements RowStore {
  readonly driver = 'bigtable';
  private readonly instance: string;
  private readonly appProfileId: string;
  private readonly data: Connection;
  private readonly admin: Connection;
  private readonly nowMs: () => number;
  private readonly random: () => number;
  private closed = false;

  constructor(options: BigtableStoreOptions) {
    this.instance = `projects/${options.projectId}/instances/${options.instanceId}`;
    this.appProfileId = options.appProfileId ?? '';
    this.nowMs = options.nowMs ?? (() => performance.now());
    this.random = options.random ?? Math.random;
    const timeoutMs = options.timeoutMsDefault ?? 10_000;
    const { emulatorHost } = options;
    const channel = emulatorHost === undefined ? googleCredentials(options.keyFile) : credentials.createInsecure();
    const connect = (host: string, ms: number) => new Connection(emulatorHost ?? host, channel, ms, this.nowMs);
    this.data = connect('bigtable.googleapis.com:443', timeoutMs);
    this.admin = connect('bigtableadmin.googleapis.com:443', ADMIN_TIMEOUT_MS);
  }

  read(refs: readonly RowRef[], options?: CallOptions): Promise<(Row | undefined)[]> {
    return this.attempt(options, async () => {
      checkRefs(refs);
      const keysByTable = new Map<string, Set<string>>();
      for (const { table, key } of refs) {
        const keys = keysByTable.get(table);
        if (keys === undefined) keysByTable.set(table, new Set([key]));
        else keys.add(key);
      }
      const found = new Map<string, Map<string, Row>>();
      await Promise.all(
        [...keysByTable].map(async ([table, keys]) => {
          found.set(table, await this.readTable(table, keys, options));
        }),
      );
      return refs.map(({ table, key }) => found.get(table)?.get(key));
    });
  }

  private readTable(table: string, keys: Set<string>, options: CallOptions | undefined): Promise<Map<string, Row>> {
    const rowKeys = Array.from(keys, (key) => Buffer.from(key));
    const request = { ...this.target(table), rows: { rowKeys } };
    return this.retried(options, async (attemptOptions) => {
      const rows = new Map<string, Row>();
      const merger = new RowMerger((key, row) => rows.set(key, row));
      await this.data.stream(methods.readRows, request, this.routing(table), attemptOptions, (message) => {
        merger.add(message);
        return true;
      });
      merger.end();
      return rows;
    });
  }

  mutate(ref: RowRef, mutation: RowMutation, options?: CallOptions): Promise<void> {
    return this.attempt(options, async () => {
      checkRefs([ref]);
      for (const [column, value] of mutation.set ?? []) checkCell(column, value);
      for (const column of mutation.remove ?? []) checkColumn(column);
      const mutations = mutationsOf(mutation);
      if (mutations.length === 0) return;
      const request = { ...this.target(ref.table), rowKey: Buffer.from(ref.key), mutations };
      await this.retried(options, (left) => this.data.unary(methods.mutateRow, request, this.routing(ref.table), left));
    });
  }

  /** Not repeated when the connection breaks: whether it was set is then unknown, and the call rejects. */
  compareAndSet(
    ref: RowRef,
    column: string,
    expected: Uint8Array | undefined,
    value: Uint8Array,
    options?: CallOptions,
  ): Promise<boolean> {
    return this.attempt(options, async () => {
      checkRefs([ref]);
      checkCell(column, value);
      const set = [setCell(column, value)];
      const request = {
        ...this.target(ref.table),
        rowKey: Buffer.from(ref.key),
        predicateFilter: cellFilter(column, expected),
        ...(expected === undefined ? { falseMutations: set } : { trueMutations: set }),
      };
      const answer = await this.data.unary(methods.checkAndMutateRow, request, this.routing(ref.table), options);
      return answer.predicateMatched === (expected !== undefined);
    });
  }

  writeAll(table: string, rows: AsyncIterable<RowWrite> | Iterable<RowWrite>, options?: CallOptions): Promise<number> {
    return this.attempt(options, () => {
      const stop = new AbortController();
      const batchOptions = { signal: stop.signal, timeoutMs: BULK_TIMEOUT_MS };
      const { tableName, appProfileId } = this.target(table);
      const writer = new BulkWriter(this.data, tableName, appProfileId, this.routing(table), batchOptions, this.random);
      const write = async () => {
        let count = 0;
        try {
          for await (const row of rows) {
            if (stop.signal.aborted) throw new StoreError('aborted', 'the call was aborted');
            await writer.add(row);
            count++;
          }
          await writer.end();
        } finally {
          // Of a call that failed, nothing goes on.
          stop.abort();
        }
        return count;
      };
      return withDeadline(write(), options, () => {
        stop.abort();
      });
    });
  }

  async *scan(table: string, prefix: string, options?: CallOptions): AsyncIterable<{ key: string; row: Row }> {
    const startMs = this.nowMs();
    let range: { startKeyClosed?: Buffer; startKeyOpen?: Buffer; endKeyOpen?: Buffer } = {};
    if (prefix !== '') range = { startKeyClosed: Buffer.from(prefix), endKeyOpen: afterPrefix(prefix) };
    for (;;) {
      const { timeoutMs } = options ?? {};
      const left = timeoutMs === undefined ? options : { ...options, timeoutMs: timeoutMs - (this.nowMs() - startMs) };
      const request = { ...this.target(table), rows: { rowRanges: [range] }, rowsLimit: SCAN_PAGE_ROWS_MAX };
      const page = await this.attempt(left, () => this.readPage(request, this.routing(table), left));
      yield* page.entries;
      const last = page.entries.at(-1);
      if (last === undefined || !page.more) return;
      const { endKeyOpen } = range;
      range = { startKeyOpen: Buffer.from(last.key), ...(endKeyOpen === undefined ? {} : { endKeyOpen }) };
    }
  }

  private readPage(
    request: Parameters<typeof methods.readRows.encode>[0],
    routing: string,
    options: CallOptions | undefined,
  ): Promise<{ entries: { key: string; row: Row }[]; more: boolean }> {
    return this.retried(options, async (left) => {
      const entries: { key: string; row: Row }[] = [];
      let bytes = 0;
      const merger = new RowMerger((key, row) => {
        entries.push({ key, row });
        for (const value of row.values()) bytes += value.length;
      });
      await this.data.stream(methods.readRows, request, routing, left, (message) => {
        merger.add(message);
        return bytes < SCAN_PAGE_BYTES_MAX;
      });
      const cut = bytes >= SCAN_PAGE_BYTES_MAX;
      if (!cut) merger.end();
      return { entries, more: cut || entries.length === SCAN_PAGE_ROWS_MAX };
    });
  }

  /** Keeps one version of a cell. */
  createTable(table: string): Promise<void> {
    return this.attempt(undefined, async () => {
      parseTableName(table);
      const columnFamilies = { [FAMILY]: { gcRule: { maxNumVersions: 1 } } };
      const request = { parent: this.instance, tableId: table, table: { columnFamilies } };
      try {
        await this.admin.unary(methods.createTable, request, this.parentRouting(), undefined);
      } catch (error) {
        const exists =
          error instanceof StoreError && isServiceError(error.cause) && error.cause.code === status.ALREADY_EXISTS;
        if (!exists) throw error;
      }
    });
  }

  dropTable(table: string): Promise<void> {
    return this.attempt(undefined, async () => {
      parseTableName(table);
      const name = `${this.instance}/tables/${table}`;
      try {
        await this.admin.unary(methods.deleteTable, { name }, `name=${encodeURIComponent(name)}`, undefined);
      } catch (error) {
        if (!(error instanceof StoreError) || error.reason !== 'no-table') throw error;
      }
    });
  }

  listTables(): Promise<string[]> {
    return this.attempt(undefined, async () => {
      const tables: string[] = [];
      let pageToken = '';
      for (let page = 0; page < LIST_PAGES_MAX; page++) {
        const request = { parent: this.instance, pageToken };
        const answer = await this.retried(undefined, () =>
          this.admin.unary(methods.listTables, request, this.parentRouting(), undefined),
        );
        for (const { name } of answer.tables) {
          if (typeof name === 'string') tables.push(name.slice(name.lastIndexOf('/') + 1));
        }
        pageToken = answer.nextPageToken;
        if (pageToken === '') break;
      }
      return tables.sort();
    });
  }

  async ping(options?: CallOptions): Promise<void> {
    try {
      await this.read([{ table: 'sessions', key: 'ping' }], options);
    } catch (error) {
      if (!(error instanceof StoreError) || error.reason !== 'no-table') throw error;
    }
  }

  close(): Promise<void> {
    this.closed = true;
    this.data.close();
    this.admin.close();
    return Promise.resolve();
  }

  private target(table: string): { tableName: string; appProfileId: string } {
    parseTableName(table);
    return { tableName: `${this.instance}/tables/${table}`, appProfileId: this.appProfileId };
  }

  private routing(table: string): string {
    const { tableName, appProfileId } = this.target(table);
    const profile = appProfileId === '' ? '' : `&app_profile_id=${encodeURIComponent(appProfileId)}`;
    return `table_name=${encodeURIComponent(tableName)}${profile}`;
  }

  private parentRouting(): string {
    return `parent=${encodeURIComponent(this.instance)}`;
  }

  private retried<T>(
    options: CallOptions | undefined,
    attempt: (options: CallOptions | undefined) => Promise<T>,
  ): Promise<T> {
    return retriedOnce(options, this.nowMs, this.random, attempt);
  }

  private async attempt<T>(options: CallOptions | undefined, work: () => Promise<T>): Promise<T> {
    checkBegin(options);
    if (this.closed) throw new StoreError('unavailable', 'the store is closed');
    try {
      return await work();
    } catch (error) {
      throw storeError(error);
    }
  }
}
