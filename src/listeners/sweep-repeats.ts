/** Forgets ids of events whose day is over, also of listeners who came no more. */
import type { RowStore } from '../store/row-store.js';
import { expiredColumns } from './known-events.js';

/** Removes expired columns of all rows of `events`; a row without columns is gone. Returns how many columns went. */
export async function sweepRepeats(store: RowStore, nowMs: number): Promise<number> {
  let removed = 0;
  for await (const { key, row } of store.scan('events', '')) {
    const expired = expiredColumns(row, nowMs);
    if (expired.length === 0) continue;
    await store.mutate({ table: 'events', key }, { remove: expired });
    removed += expired.length;
  }
  return removed;
}
