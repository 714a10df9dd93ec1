/** From a row of `sessions` to what a request knows of the listener's last events. On the way of every request. */
import { fromBinary } from '@bufbuild/protobuf';
import { PreferencesSchema } from '../gen/segue/rows/v1/rows_pb.js';
import type { Row } from '../store/row-store.js';
import type { Catalogue } from '../worlds/world.js';
import type { History, Preferences, Session } from './listener.js';
import { EventCode, SESSION_EVENTS_MAX } from './listener.js';
import { orderOf } from './session-order.js';
import { EventColumns } from './session-event-wire.js';
import { EVENT_PREFIX, HIDE_PREFIX, PREFERENCES, STARTS } from './session-row.js';
import { markedStartsSince } from './start-marks.js';

export interface DecodedSession {
  readonly session: Session;
  readonly preferences: Preferences;
  /** Cells that are no event; they are left out. */
  readonly malformed: number;
}

/** How far back the start that a skip or completion belongs to is looked for. */
const START_LOOKBACK_EVENTS = 32;

const EVENT_CHAR = EVENT_PREFIX.charCodeAt(0);
const COLON = EVENT_PREFIX.charCodeAt(1);

const columns = new EventColumns();

/**
 * Decodes the session and preferences of a listener in ordinals of the catalogue.
 *
 * `history` and `builtThroughMs` are those of the listener's batch row, `undefined` where there is none. A start is in the
 * batch already when the history holds its track with a last play at or after it; a track that the history does not hold
 * counts as covered before `builtThroughMs`. Other events go with the start of their track that came before them.
 */
export function decodeSession(
  row: Row | undefined,
  history: History | undefined,
  catalogue: Pick<Catalogue, 'ordinalOf' | 'artistOrdinalOf'>,
  builtThroughMs: number | undefined,
): DecodedSession {
  if (row === undefined) return { session: EMPTY, preferences: NO_PREFERENCES, malformed: 0 };
  let malformed = 0;
  let preferencesHash = 0;
  const hidden: number[] = [];
  columns.clear();
  for (const [column, cell] of row) {
    if (isEvent(column)) {
      if (!columns.add(cell)) malformed++;
    } else if (column.startsWith(HIDE_PREFIX)) {
      hidden.push(catalogue.ordinalOf(column.slice(HIDE_PREFIX.length)));
      preferencesHash = (preferencesHash + hashOf(column)) | 0;
    }
  }
  const imported = row.get(PREFERENCES);
  if (imported !== undefined) preferencesHash = (preferencesHash + hashOfBytes(imported)) | 0;
  const preferences = preferencesOf(hidden, imported, catalogue, preferencesHash);
  const session = sessionOf(columns, row.get(STARTS), history, catalogue, builtThroughMs ?? -Infinity, preferencesHash);
  columns.clear();
  return { session, preferences, malformed };
}

function sessionOf(
  events: EventColumns,
  marks: Uint8Array | undefined,
  history: History | undefined,
  catalogue: Pick<Catalogue, 'ordinalOf'>,
  builtThroughMs: number,
  preferencesHash: number,
): Session {
  const order = orderOf(events);
  const count = Math.min(order.length, SESSION_EVENTS_MAX);
  const first = order.length - count;
  const types = new Uint8Array(count);
  const ordinals = new Int32Array(count);
  const occurredAtMs = new Float64Array(count);
  const playedMs = new Float32Array(count);
  const playNumbers = new Uint32Array(count);
  const isNew = new Uint8Array(count);
  let playsSinceBuild = markedStartsSince(marks, builtThroughMs);
  // Held beyond a session, until they leave the row.
  for (let i = 0; i < first; i++) {
    const from = order[i] ?? 0;
    if (events.types[from] !== EventCode.playStarted) continue;
    const ordinal = catalogue.ordinalOf(events.trackIds[events.tracks[from] ?? 0] ?? '');
    if (!isCovered(ordinal, events.occurredAtMs[from] ?? 0, history, builtThroughMs)) playsSinceBuild++;
  }
  let highestNumber = 0;
  let hash = preferencesHash;
  let track = -1;
  let ordinal = -1;

  for (let i = 0; i < count; i++) {
    const from = order[first + i] ?? 0;
    const type = events.types[from] ?? 0;
    const atMs = events.occurredAtMs[from] ?? 0;
    const nextTrack = events.tracks[from] ?? 0;
    // The outcome of a play stands behind its start.
    if (nextTrack !== track) {
      track = nextTrack;
      ordinal = catalogue.ordinalOf(events.trackIds[track] ?? '');
    }
    types[i] = type;
    ordinals[i] = ordinal;
    occurredAtMs[i] = atMs;
    playedMs[i] = events.playedMs[from] ?? NaN;
    const playNumber = events.playNumbers[from] ?? 0;
    playNumbers[i] = playNumber;
    hash = mix(hash, mix(atMs | 0, (events.numbers[from] ?? 0) * 8 + type));

    const startIndex = type === EventCode.playStarted ? -1 : startOf(i, ordinal, types, ordinals);
    const fresh = startIndex < 0 ? !isCovered(ordinal, atMs, history, builtThroughMs) : isNew[startIndex] === 1;
    isNew[i] = fresh ? 1 : 0;
    if (type === EventCode.playStarted) {
      if (fresh) playsSinceBuild++;
      if (playNumber > highestNumber) highestNumber = playNumber;
    }
  }
  return {
    count,
    types,
    ordinals,
    occurredAtMs,
    playedMs,
    playNumbers,
    playsSinceBuild,
    isNew,
    version: `${order.length}.${highestNumber}.${(hash >>> 0).toString(36)}`,
  };
}

/** `startsWith` costs five times as much, 256 times a request. */
function isEvent(column: string): boolean {
  return column.charCodeAt(0) === EVENT_CHAR && column.charCodeAt(1) === COLON;
}

function isCovered(ordinal: number, atMs: number, history: History | undefined, builtThroughMs: number): boolean {
  // No play of the listener in the batch is later than that.
  if (atMs > builtThroughMs) return false;
  const index = history === undefined ? -1 : indexOf(history.ordinals, ordinal);
  return history === undefined || index < 0 ? atMs < builtThroughMs : (history.lastAtMs[index] ?? 0) >= atMs;
}

/** Index of the latest start of the same track before event `i`, -1 where there is none nearby. */
function startOf(i: number, ordinal: number, types: Uint8Array, ordinals: Int32Array): number {
  if (ordinal < 0) return -1;
  for (let j = i - 1; j >= 0 && j >= i - START_LOOKBACK_EVENTS; j--) {
    if (types[j] === EventCode.playStarted && ordinals[j] === ordinal) return j;
  }
  return -1;
}

function preferencesOf(
  hidden: readonly number[],
  imported: Uint8Array | undefined,
  catalogue: Pick<Catalogue, 'ordinalOf' | 'artistOrdinalOf'>,
  version: number,
): Preferences {
  if (hidden.length === 0 && imported === undefined) return NO_PREFERENCES;
  const hiddenOrdinals = new Set(hidden);
  const blockedArtistOrdinals = new Set<number>();
  if (imported !== undefined) {
    const message = fromBinary(PreferencesSchema, imported);
    for (const trackId of message.hiddenTrackIds) hiddenOrdinals.add(catalogue.ordinalOf(trackId));
    for (const artist of message.blockedArtists) blockedArtistOrdinals.add(catalogue.artistOrdinalOf(artist));
  }
  hiddenOrdinals.delete(-1);
  blockedArtistOrdinals.delete(-1);
  return { hiddenOrdinals, blockedArtistOrdinals, version };
}

/** Index of `wanted` in rising `ordinals`, -1 where it is not. */
function indexOf(ordinals: Uint32Array, wanted: number): number {
  let low = 0;
  let high = ordinals.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const found = ordinals[middle] ?? 0;
    if (found === wanted) return middle;
    if (found < wanted) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** The multiplication of FNV-1a (Fowler, Noll and Vo), on whole words. */
function mix(hash: number, word: number): number {
  return Math.imul(hash ^ word, 0x01000193) ^ (hash >>> 15);
}

function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = mix(hash, text.charCodeAt(i));
  return hash;
}

function hashOfBytes(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) hash = mix(hash, bytes[i] ?? 0);
  return hash;
}

const NO_PREFERENCES: Preferences = { hiddenOrdinals: new Set(), blockedArtistOrdinals: new Set(), version: 0 };

const EMPTY: Session = {
  count: 0,
  types: new Uint8Array(0),
  ordinals: new Int32Array(0),
  occurredAtMs: new Float64Array(0),
  playedMs: new Float32Array(0),
  playNumbers: new Uint32Array(0),
  playsSinceBuild: 0,
  isNew: new Uint8Array(0),
  version: '0',
};
