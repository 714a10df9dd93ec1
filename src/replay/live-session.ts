/** One listener's live rows in memory, changed as the service changes them, for replays that need no store. */
import { sessionChange } from '../listeners/session-change.js';
import type { LiveEvent } from '../listeners/live-event.js';
import type { Row, RowMutation } from '../store/row-store.js';

export class LiveSession {
  private readonly session = new Map<string, Uint8Array>();
  private readonly repeats = new Map<string, Uint8Array>();

  /** The row of `sessions`. */
  get row(): Row {
    return this.session;
  }

  /** Records events that were not recorded before. */
  record(events: readonly LiveEvent[], nowMs: number): void {
    if (events.length === 0) return;
    const change = sessionChange({ session: this.session, repeats: this.repeats }, events, nowMs);
    apply(this.repeats, change.remember);
    apply(this.session, change.session);
    apply(this.repeats, change.rememberLate);
  }
}

function apply(row: Map<string, Uint8Array>, mutation: RowMutation | undefined): void {
  for (const column of mutation?.remove ?? []) row.delete(column);
  for (const [column, value] of mutation?.set ?? []) row.set(column, value);
}
