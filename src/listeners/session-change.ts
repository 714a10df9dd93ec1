/** What recording events changes in a listener's rows. A pure function. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { SessionEventSchema } from '../gen/segue/rows/v1/rows_pb.js';
import type { RowMutation } from '../store/row-store.js';
import type { ListenerRows } from './known-events.js';
import { expiredColumns, repeatCell } from './known-events.js';
import { EventCode, SESSION_EVENTS_MAX } from './listener.js';
import type { LiveEvent } from './live-event.js';
import { EVENT_TYPE_OF } from './live-event.js';
import { orderOf } from './session-order.js';
import { EventColumns } from './session-event-wire.js';
import { EVENT_PREFIX, HIDE_PREFIX, STARTS } from './session-row.js';
import type { StartMark } from './start-marks.js';
import { packStartMarks, startMarks } from './start-marks.js';

/** The row may hold this many events more than a session has, so that most events need no trimming. */
export const SESSION_SLACK_EVENTS = 32;

export interface SessionChange {
  /** First: remembers events that leave the session, where there are any. */
  readonly remember: RowMutation | undefined;
  /** Then: the one write by which the events count. */
  readonly session: RowMutation;
  /** Last: remembers events that have no place in the session. Earlier they would be known before they count. */
  readonly rememberLate: RowMutation | undefined;
}

interface Leaving {
  readonly eventId: string;
  readonly receivedAtMs: number;
}

/**
 * The change by which `events`, none of them known, are recorded.
 *
 * Events get numbers after the highest in the row, by time; starts get play numbers after the highest of the row and its
 * marks. When more than 288 would be held, the oldest leave until 256 are left. An event older than all of a full session
 * never enters it: it is only remembered, and, if it hides a track, obeyed.
 */
export function sessionChange(rows: ListenerRows, events: readonly LiveEvent[], nowMs: number): SessionChange {
  const held = heldEvents(rows);
  const marks = startMarks(rows.session?.get(STARTS));
  let number = held.highestNumber;
  let playNumber = marks.reduce((highest, mark) => Math.max(highest, mark.playNumber), held.highestPlayNumber);

  const set: [string, Uint8Array][] = [];
  const late: Leaving[] = [];
  const entering: Entering[] = [];
  for (const event of events.toSorted((a, b) => a.occurredAtMs - b.occurredAtMs)) {
    if (event.type === 'hide') set.push([HIDE_PREFIX + event.trackId, Buffer.from(event.eventId)]);
    if (event.occurredAtMs < held.fullSinceMs) {
      late.push(event);
      continue;
    }
    number++;
    if (event.type === 'play-started') playNumber++;
    entering.push({ event, number, playNumber: event.type === 'play-started' ? playNumber : 0 });
  }

  const leaving = leavingOf(held, entering);
  const gone = new Set(leaving.map(({ eventId }) => eventId));
  for (const each of entering) if (!gone.has(each.event.eventId)) set.push(cellOf(each));
  const newMarks = leaving.flatMap(({ mark }) => mark ?? []);
  if (newMarks.length > 0) set.push([STARTS, packStartMarks([...marks, ...newMarks])]);
  const wasHeld = leaving.filter(({ column }) => column !== undefined);
  const neverHeld = leaving.filter(({ column }) => column === undefined);
  return {
    remember: remembering(rows, wasHeld, nowMs),
    session: { set, remove: [...wasHeld.flatMap(({ column }) => column ?? []), ...held.malformed] },
    rememberLate: remembering(rows, [...late, ...neverHeld], nowMs),
  };
}

interface Entering {
  readonly event: LiveEvent;
  readonly number: number;
  readonly playNumber: number;
}

interface Held {
  /** Column names in the order of `events`. */
  readonly columns: readonly string[];
  readonly events: EventColumns;
  readonly cells: readonly Uint8Array[];
  readonly malformed: readonly string[];
  readonly highestNumber: number;
  readonly highestPlayNumber: number;
  /** Time of the oldest event of a full session; -Infinity while it is not full. */
  readonly fullSinceMs: number;
}

function heldEvents({ session }: ListenerRows): Held {
  const events = new EventColumns();
  const columns: string[] = [];
  const cells: Uint8Array[] = [];
  const malformed: string[] = [];
  for (const [column, cell] of session ?? []) {
    if (!column.startsWith(EVENT_PREFIX)) continue;
    if (events.add(cell)) {
      columns.push(column);
      cells.push(cell);
    } else malformed.push(column);
  }
  let highestNumber = 0;
  let highestPlayNumber = 0;
  for (let i = 0; i < events.count; i++) {
    highestNumber = Math.max(highestNumber, events.numbers[i]);
    highestPlayNumber = Math.max(highestPlayNumber, events.playNumbers[i]);
  }
  const order = orderOf(events);
  const fullSinceMs =
    events.count < SESSION_EVENTS_MAX ? -Infinity : events.occurredAtMs[order[events.count - SESSION_EVENTS_MAX]];
  return { columns, events, cells, malformed, highestNumber, highestPlayNumber, fullSinceMs };
}

/** The oldest of held and entering events that find no room. */
function leavingOf(
  { columns, events, cells }: Held,
  entering: readonly Entering[],
): (Leaving & { readonly column: string | undefined; readonly mark: StartMark | undefined })[] {
  const total = events.count + entering.length;
  if (total <= SESSION_EVENTS_MAX + SESSION_SLACK_EVENTS) return [];
  const candidates = [
    ...columns.map((column, i) => ({
      column,
      eventId: column.slice(EVENT_PREFIX.length),
      occurredAtMs: events.occurredAtMs[i],
      number: events.numbers[i],
      playNumber: events.types[i] === EventCode.playStarted ? events.playNumbers[i] : 0,
      receivedAtMs: (): number => Number(fromBinary(SessionEventSchema, cells[i]).receivedAtMs),
    })),
    ...entering.map(({ event, number, playNumber }) => ({
      column: undefined,
      eventId: event.eventId,
      occurredAtMs: event.occurredAtMs,
      number,
      playNumber,
      receivedAtMs: (): number => event.receivedAtMs,
    })),
  ];
  return candidates
    .sort((a, b) => a.occurredAtMs - b.occurredAtMs || a.number - b.number)
    .slice(0, total - SESSION_EVENTS_MAX)
    .map(({ column, eventId, occurredAtMs, playNumber, receivedAtMs }) => ({
      column,
      eventId,
      receivedAtMs: receivedAtMs(),
      mark: playNumber === 0 ? undefined : { second: Math.floor(occurredAtMs / 1_000), playNumber },
    }));
}

function cellOf({ event, number, playNumber }: Entering): [string, Uint8Array] {
  const message = create(SessionEventSchema, {
    type: EVENT_TYPE_OF[event.type],
    trackId: event.trackId,
    occurredAtMs: BigInt(event.occurredAtMs),
    playNumber,
    number,
    receivedAtMs: BigInt(event.receivedAtMs),
    sessionId: event.sessionId ?? '',
    requestId: event.requestId ?? '',
    ...(event.playedMs === undefined ? {} : { playedMs: event.playedMs }),
  });
  return [EVENT_PREFIX + event.eventId, toBinary(SessionEventSchema, message)];
}

function remembering(rows: ListenerRows, leaving: readonly Leaving[], nowMs: number): RowMutation | undefined {
  const set = leaving.flatMap(({ eventId, receivedAtMs }) => {
    const cell = repeatCell(eventId, receivedAtMs, nowMs);
    return cell === undefined ? [] : [cell];
  });
  return set.length === 0 ? undefined : { set, remove: expiredColumns(rows.repeats, nowMs) };
}
