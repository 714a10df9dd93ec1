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

class Fault extends Error {
  constructor(
    readonly field: string,
    message: string,
    readonly code: ErrorCode = 'SEGUE_INVALID_ARGUMENT',
  ) {
    super(message);
  }
}

/** The event, or what is wrong with it; the first fault is told. Unknown fields are ignored, unknown listeners allowed. */
export function checkEvent(value: unknown, context: CheckContext): LiveEvent | Rejected {
  try {
    return eventOf(value, context);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { code: error.code, field: error.field, message: error.message };
  }
}

function eventOf(value: unknown, { nowMs, knowsTrack }: CheckContext): LiveEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Fault('', `event: given ${shown(value)}; allowed: an object`);
  }
  const fields = new Map<string, unknown>(Object.entries(value));
  const eventId = idOf(fields, 'eventId');
  const type = typeOf(fields.get('type'));
  const listenerId = idOf(fields, 'listenerId');
  const trackId = idOf(fields, 'trackId');
  const sessionId = optional(fields, 'sessionId', () => idOf(fields, 'sessionId'));
  const playedMs = optional(fields, 'playedMs', playedMsOf);
  const requestId = optional(fields, 'requestId', () => idOf(fields, 'requestId'));
  const occurredAtMs = timeOf(fields.get('occurredAt'), nowMs);
  if (!knowsTrack(trackId)) {
    throw fault('trackId', trackId, 'tracks of the catalogue', 'SEGUE_NOT_FOUND');
  }
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

function idOf(fields: ReadonlyMap<string, unknown>, field: string): string {
  const value = fields.get(field);
  if (typeof value !== 'string' || !isId(value)) throw fault(field, value, ID_ALLOWED);
  return value;
}

function optional<T>(fields: ReadonlyMap<string, unknown>, field: string, read: (value: unknown) => T): T | undefined {
  const value = fields.get(field);
  return value === undefined || value === null ? undefined : read(value);
}

function typeOf(value: unknown): EventTypeName {
  const type = EVENT_TYPES.find((name) => name === value);
  if (type === undefined) throw fault('type', value, EVENT_TYPES.join(', '));
  return type;
}

function playedMsOf(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= PLAYED_MS_MAX) return value;
  throw fault('playedMs', value, `a whole number from 0 to ${PLAYED_MS_MAX}`);
}

function timeOf(value: unknown, nowMs: number): number {
  const atMs = typeof value === 'string' ? parseRfc3339(value) : NaN;
  if (Number.isNaN(atMs)) throw fault('occurredAt', value, 'an RFC 3339 date-time');
  if (atMs > nowMs + AHEAD_MS_MAX) throw fault('occurredAt', value, "at most 5 minutes ahead of the server's clock");
  if (atMs < nowMs - AGE_MS_MAX) throw fault('occurredAt', value, 'at most 30 days ago');
  return atMs;
}

function fault(field: string, value: unknown, allowed: string, code?: ErrorCode): Fault {
  return new Fault(field, `${field}: given ${shown(value)}; allowed: ${allowed}`, code);
}
