/**
 * The right to write a generation, held by one process. It beats while it works. Whoever takes a load over raises the fence
 * by a compare-and-set, so the one before, should it only have slept, fails at its next beat and writes no further; and no
 * load becomes ready, nor the pointer moves, without one more compare-and-set.
 */
import { SegueError } from '../../errors.js';
import type { RowStore } from '../../store/row-store.js';
import { changeLoad, LoadState, type LoadChange, type LoadRecord, type StoredLoad } from './load-record.js';

export const BEAT_MS = 2_000;

export class LoadLease implements AsyncDisposable {
  private readonly lost = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private changes: Promise<unknown> = Promise.resolve();
  private beatAtMs: number;

  /** @param held just written by this process, with its own fence */
  constructor(
    private readonly store: RowStore,
    private held: StoredLoad,
    private readonly monotonicMs: () => number,
  ) {
    this.beatAtMs = monotonicMs();
    this.timer = setInterval(() => {
      // A store that is away for a moment is not a lost lease; `guard` beats again before the next row.
      this.beat().catch(() => undefined);
    }, BEAT_MS);
    this.timer.unref();
  }

  /** As stored by the last change. */
  get stored(): StoredLoad {
    return this.held;
  }

  get record(): LoadRecord {
    return this.held.record;
  }

  /** Aborted when another process took over. */
  get signal(): AbortSignal {
    return this.lost.signal;
  }

  isDone(table: string): boolean {
    return table in this.record.tables;
  }

  tableDone(table: string, rows: number): Promise<void> {
    return this.change(({ tables }) => ({ tables: { ...tables, [table]: rows } }));
  }

  finish(nowMs: number): Promise<void> {
    return this.change(() => ({ state: LoadState.READY, finishedAtMs: BigInt(nowMs) }));
  }

  beat(): Promise<void> {
    return this.change(() => ({}));
  }

  /** The same rows; none is handed out after the lease was lost, or unless it beat a moment ago. */
  async *guard<T>(rows: AsyncIterable<T> | Iterable<T>, onRow: () => void): AsyncGenerator<T, void, undefined> {
    for await (const row of rows) {
      if (this.monotonicMs() - this.beatAtMs > BEAT_MS * 2) await this.beat();
      this.lost.signal.throwIfAborted();
      yield row;
      onRow();
    }
  }

  /** One change after the other. @throws SegueError when the lease was lost */
  private change(changeOf: (record: LoadRecord) => LoadChange): Promise<void> {
    const next = this.changes.then(async () => {
      this.lost.signal.throwIfAborted();
      const { record } = this.held;
      const change = { ...changeOf(record), beat: record.beat + 1n };
      const held = await changeLoad(this.store, record.generation, this.held, change);
      if (held === undefined) {
        this.lost.abort(
          new SegueError('SEGUE_UNAVAILABLE', `another process took over the load of ${record.generation}`),
        );
        this.lost.signal.throwIfAborted();
        return;
      }
      this.held = held;
      this.beatAtMs = this.monotonicMs();
    });
    this.changes = next.catch(() => undefined);
    return next;
  }

  /** Beats no more. */
  async end(): Promise<void> {
    clearInterval(this.timer);
    await this.changes;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }
}
