/** Many rows by MutateRows: batches bounded in rows and bytes, a bounded number of them under way. */
import type protos from '@google-cloud/bigtable-api/build/protos/protos.js';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallOptions, RowWrite } from '../row-store.js';
import { StoreError } from '../row-store.js';
import { checkCell, checkKey, checkRowBytes } from '../limits.js';
import { setCell } from './cells.js';
import type { Connection } from './connection.js';
import { mutateRows } from './methods.js';
import { reasonOf } from './status.js';

type Entry = protos.google.bigtable.v2.MutateRowsRequest.IEntry;

const BATCH_ROWS_MAX = 500;
const BATCH_BYTES_MAX = 4 * 1024 * 1024;
/** Bigtable's limit is 100,000 a call. */
const BATCH_MUTATIONS_MAX = 50_000;
const IN_FLIGHT_MAX = 4;
const ATTEMPTS_MAX = 6;
const RETRY_DELAY_MS = 50;

export class BulkWriter {
  private entries: Entry[] = [];
  private bytes = 0;
  private mutations = 0;
  private readonly inFlight = new Set<Promise<void>>();
  private failure: StoreError | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly tableName: string,
    private readonly appProfileId: string,
    private readonly routing: string,
    private readonly options: CallOptions | undefined,
    private readonly random: () => number,
  ) {}

  /** Waits while enough is under way. @throws StoreError of an earlier batch, or for a row that is too large */
  async add({ key, columns }: RowWrite): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    checkKey(key);
    let bytes = Buffer.byteLength(key);
    const cells = [...new Map(columns)].map(([column, value]) => {
      checkCell(column, value);
      bytes += column.length + value.length + 32;
      // The caller may reuse its buffer once this returns.
      return setCell(column, Buffer.from(value));
    });
    checkRowBytes(key, bytes);
    const full =
      this.entries.length >= BATCH_ROWS_MAX ||
      this.bytes + bytes > BATCH_BYTES_MAX ||
      this.mutations + cells.length > BATCH_MUTATIONS_MAX;
    if (full) await this.flush();
    this.entries.push({ rowKey: Buffer.from(key), mutations: [{ deleteFromRow: {} }, ...cells] });
    this.bytes += bytes;
    this.mutations += cells.length + 1;
  }

  /** Sends the rest and waits for all. @throws StoreError of the first batch that failed */
  async end(): Promise<void> {
    await this.flush();
    await Promise.all(this.inFlight);
    if (this.failure !== undefined) throw this.failure;
  }

  private async flush(): Promise<void> {
    const { entries } = this;
    if (entries.length === 0) return;
    this.entries = [];
    this.bytes = 0;
    this.mutations = 0;
    while (this.inFlight.size >= IN_FLIGHT_MAX) await Promise.race(this.inFlight);
    const sent: Promise<void> = this.send(entries)
      .catch((error: unknown) => {
        this.failure ??= error instanceof StoreError ? error : new StoreError('error', String(error), { cause: error });
      })
      .finally(() => this.inFlight.delete(sent));
    this.inFlight.add(sent);
  }

  /** Entries fail one by one: those that may succeed later are sent again. */
  private async send(entries: Entry[]): Promise<void> {
    let left = entries;
    for (let attempt = 1; left.length > 0; attempt++) {
      const failed = await this.attempt(left);
      for (const { error } of failed) {
        if (error.reason !== 'unavailable' || attempt === ATTEMPTS_MAX) throw error;
      }
      await sleep(RETRY_DELAY_MS * 2 ** attempt * (0.5 + this.random()));
      left = failed.map(({ entry }) => entry);
    }
  }

  private async attempt(entries: Entry[]): Promise<{ entry: Entry; error: StoreError }[]> {
    const errors = new Map<number, StoreError>();
    const unanswered = new Set(entries.keys());
    const request = { tableName: this.tableName, appProfileId: this.appProfileId, entries };
    try {
      await this.connection.stream(mutateRows, request, this.routing, this.options, (message) => {
        for (const { index, status } of message.entries) {
          const at = Number(index ?? 0);
          unanswered.delete(at);
          const code = status?.code ?? 0;
          if (code !== 0)
            errors.set(at, new StoreError(reasonOf(code), `Bigtable: ${status?.message ?? 'row refused'}`));
        }
        return true;
      });
    } catch (error) {
      if (!(error instanceof StoreError) || error.reason !== 'unavailable') throw error;
      for (const at of unanswered) errors.set(at, error);
      unanswered.clear();
    }
    for (const at of unanswered) errors.set(at, new StoreError('unavailable', 'Bigtable left a row unanswered'));
    return entries.flatMap((entry, at) => {
      const error = errors.get(at);
      return error === undefined ? [] : [{ entry, error }];
    });
  }
}
