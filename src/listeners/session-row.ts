/** The row of a listener in `sessions`, and what of it has moved to `events`. */
import { rowKey } from '../store/tables.js';
import type { RowRef } from '../store/row-store.js';

/** Column `e:<event id>` holds a `SessionEvent`. */
export const EVENT_PREFIX = 'e:';
/** Column `p:hide:<track id>` holds the id of the event that hid the track. One column a track, so that no writer undoes another. */
export const HIDE_PREFIX = 'p:hide:';
/** Column `preferences` holds a `Preferences` message, written by imports. */
export const PREFERENCES = 'preferences';
/** Column `starts` holds times and play numbers of starts that left the session; see `start-marks.ts`. */
export const STARTS = 'starts';

/** Live events and preferences of a listener. */
export function sessionRef(listenerId: string): RowRef {
  return { table: 'sessions', key: rowKey(listenerId) };
}

/** Ids of a listener's events that left the session within a day of their arrival. */
export function repeatsRef(listenerId: string): RowRef {
  return { table: 'events', key: rowKey(listenerId) };
}
