/** An event on its way from a client to the session, and as a record of the log. */
import { EventType } from '../gen/segue/rows/v1/rows_pb.js';

export const EVENT_TYPES = ['play-started', 'play-completed', 'skip', 'save', 'hide'] as const;
export type EventTypeName = (typeof EVENT_TYPES)[number];

export const EVENT_TYPE_OF: Readonly<Record<EventTypeName, EventType>> = {
  'play-started': EventType.PLAY_STARTED,
  'play-completed': EventType.PLAY_COMPLETED,
  skip: EventType.SKIP,
  save: EventType.SAVE,
  hide: EventType.HIDE,
};

export interface LiveEvent {
  readonly eventId: string;
  readonly type: EventTypeName;
  readonly listenerId: string;
  readonly trackId: string;
  readonly sessionId?: string;
  readonly playedMs?: number;
  readonly requestId?: string;
  readonly occurredAtMs: number;
  /** When the service took it. */
  readonly receivedAtMs: number;
}

/** As the log holds it: times in RFC 3339, so that they are times to whoever reads the segments. */
export function recordOfEvent({ occurredAtMs, receivedAtMs, ...event }: LiveEvent): object {
  return {
    ...event,
    occurredAt: new Date(occurredAtMs).toISOString(),
    receivedAt: new Date(receivedAtMs).toISOString(),
  };
}

/** The event of a record, `undefined` where it is none. */
export function eventOfRecord(record: object): LiveEvent | undefined {
  const fields = new Map<string, unknown>(Object.entries(record));
  const text = (name: string): string | undefined => {
    const value = fields.get(name);
    return typeof value === 'string' ? value : undefined;
  };
  const type = EVENT_TYPES.find((name) => name === fields.get('type'));
  const [eventId, listenerId, trackId] = [text('eventId'), text('listenerId'), text('trackId')];
  const occurredAtMs = Date.parse(text('occurredAt') ?? '');
  const receivedAtMs = Date.parse(text('receivedAt') ?? '');
  if (type === undefined || eventId === undefined || listenerId === undefined || trackId === undefined)
    return undefined;
  if (Number.isNaN(occurredAtMs) || Number.isNaN(receivedAtMs)) return undefined;
  const sessionId = text('sessionId');
  const requestId = text('requestId');
  const playedMs = fields.get('playedMs');
  return {
    eventId,
    type,
    listenerId,
    trackId,
    occurredAtMs,
    receivedAtMs,
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(typeof playedMs === 'number' ? { playedMs } : {}),
  };
}
