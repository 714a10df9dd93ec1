/** Whether what a client sent is an event that can be recorded. */
import type { ErrorCode } from '../errors.js';
import { ID_ALLOWED, isId } from '../identifiers.js';
import type { EventTypeName, LiveEvent } from './live-event.js';
import { EVENT_TYPES } from './live-event.js';
import { parseRfc3339 } from './rfc3339.js';
import { shown } from '../shown.js';

export const AHEAD_MS_MAX = 5 * 60_000;
export const AGE_MS_MAX = 30 * 86_400_000;
/** A day: nothing plays longer. */
export const PLAYED_MS_MAX = 86_400_000;

/** Why one event of a batch was not recorded. */
export interface Rejected {
  readonly code: ErrorCode;
  /** The field of the event at fault, empty when it is the event as a whole. */
  readonly field: string;
  readonly message: string;
}

export interface CheckContext {
  readonly nowMs: number;
  /** Whether the current world has the track. */
  readonly knowsTrack: (trackId: string) => boolean;
}

const TYPES_ALLOWED = EVENT_TYPES.join(', ');
const PLAYED_MS_ALLOWED = `a whole number from 0 to ${PLAYED_MS_MAX}`;

/**
 * The event, or what is wrong with it; the first fault is told. Unknown fields are ignored, unknown listeners allowed. Nothing is
 * thrown: an exception for each event of a batch takes far longer than the checks.
 */
export function checkEvent(value: unknown, { nowMs, knowsTrack }: CheckContext): LiveEvent | Rejected {
  if (!isRecord(value)) {
    return { code: 'SEGUE_INVALID_ARGUMENT', field: '', message: `event: given ${shown(value)}; allowed: an object` };
  }
  const { eventId, type, listenerId, trackId, occurredAt } = value;
  const sessionId = value.sessionId ?? undefined;
  const playedMs = value.playedMs ?? undefined;
  const requestId = value.requestId ?? undefined;
  if (!isIdValue(eventId)) return wrong('eventId', eventId, ID_ALLOWED);
  if (!isType(type)) return wrong('type', type, TYPES_ALLOWED);
  if (!isIdValue(listenerId)) return wrong('listenerId', listenerId, ID_ALLOWED);
  if (!isIdValue(trackId)) return wrong('trackId', trackId, ID_ALLOWED);
  if (sessionId !== undefined && !isIdValue(sessionId)) return wrong('sessionId', sessionId, ID_ALLOWED);
  if (playedMs !== undefined && !isPlayedMs(playedMs)) return wrong('playedMs', playedMs, PLAYED_MS_ALLOWED);
  if (requestId !== undefined && !isIdValue(requestId)) return wrong('requestId', requestId, ID_ALLOWED);
  const occurredAtMs = typeof occurredAt === 'string' ? parseRfc3339(occurredAt) : NaN;
  const timeAllowed = timesAllowed(occurredAtMs, nowMs);
  if (timeAllowed !== undefined) return wrong('occurredAt', occurredAt, timeAllowed);
  if (!knowsTrack(trackId)) return wrong('trackId', trackId, 'tracks of the catalogue', 'SEGUE_NOT_FOUND');
  return {
    eventId,
    type,
    listenerId,
    trackId,
    occurredAtMs,
    receivedAtMs: nowMs,
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(playedMs === undefined ? {} : { playedMs }),
    ...(requestId === undefined ? {} : { requestId }),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isIdValue(value: unknown): value is string {
  return typeof value === 'string' && isId(value);
}

function isType(value: unknown): value is EventTypeName {
  return EVENT_TYPES.some((name) => name === value);
}

function isPlayedMs(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= PLAYED_MS_MAX;
}

/** What a time may be that this one is not; undefined where it may be. */
function timesAllowed(atMs: number, nowMs: number): string | undefined {
  if (Number.isNaN(atMs)) return 'an RFC 3339 date-time';
  if (atMs > nowMs + AHEAD_MS_MAX) return "at most 5 minutes ahead of the server's clock";
  if (atMs < nowMs - AGE_MS_MAX) return 'at most 30 days ago';
  return undefined;
}

function wrong(field: string, value: unknown, allowed: string, code: ErrorCode = 'SEGUE_INVALID_ARGUMENT'): Rejected {
  return { code, field, message: `${field}: given ${shown(value)}; allowed: ${allowed}` };
}
