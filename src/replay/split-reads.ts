/** Batch rows of the world that serves, with live rows of another store: a replay leaves no trace in real sessions. */
import type { CallOptions, Row, RowRef, RowStore } from '../store/row-store.js';

export class SplitReads implements Pick<RowStore, 'read'> {
  /** @param live holds the tables `sessions` and `events` */
  constructor(
    private readonly rows: Pick<RowStore, 'read'>,
    private readonly live: Pick<RowStore, 'read'>,
  ) {}

  async read(refs: readonly RowRef[], options?: CallOptions): Promise<(Row | undefined)[]> {
    const [liveRows, batchRows] = await Promise.all([
      this.live.read(refs.filter(isLive), options),
      this.rows.read(
        refs.filter((ref) => !isLive(ref)),
        options,
      ),
    ]);
    let live = 0;
    let batch = 0;
    return refs.map((ref) => (isLive(ref) ? liveRows[live++] : batchRows[batch++]));
  }
}

export const REPLAYED_TABLES = ['sessions', 'events'] as const;

function isLive({ table }: RowRef): boolean {
  return table === 'sessions' || table === 'events';
}
