/**
 * Which events of a listener were taken before. An event is known while it is in the session; when it leaves that within a
 * day of its arrival, its id stays in the listener's row of `events`, in a column `<day>:<event id>`, until the day after
 * the next has begun.
 */
import type { Row } from '../store/row-store.js';
import { EVENT_PREFIX } from './session-row.js';

const DAY_MS = 86_400_000;
const PRESENT = Uint8Array.of(1);

/** The rows of a listener that recording reads. */
export interface ListenerRows {
  readonly session: Row | undefined;
  readonly repeats: Row | undefined;
}

export function isKnown({ session, repeats }: ListenerRows, eventId: string, nowMs: number): boolean {
  if (session?.has(EVENT_PREFIX + eventId)) return true;
  if (repeats === undefined) return false;
  const today = dayOf(nowMs);
  return repeats.has(`${today}:${eventId}`) || repeats.has(`${today - 1}:${eventId}`);
}

/** The column that remembers an event, `undefined` when its day is over. */
export function repeatCell(
  eventId: string,
  receivedAtMs: number,
  nowMs: number,
): readonly [column: string, value: Uint8Array] | undefined {
  const day = dayOf(receivedAtMs);
  return day < dayOf(nowMs) - 1 ? undefined : [`${day}:${eventId}`, PRESENT];
}

/** Columns of days that are over. */
export function expiredColumns(repeats: Row | undefined, nowMs: number): string[] {
  const firstKept = dayOf(nowMs) - 1;
  return [...(repeats?.keys() ?? [])].filter((column) => !(Number.parseInt(column, 10) >= firstKept));
}

function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS);
}
