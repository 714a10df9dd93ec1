/**
 * What this process knows to bind for a listener: hidden tracks, blocked artists and the last starts, from every row that was read
 * and every event that was taken. It stands in where the listener is not read, so that no answer holds what its own process knows
 * to be ruled out. Nothing is ranked by it. What another process stored and this one never read is not known here.
 *
 * By ids, so that it holds over worlds. Bounded in bytes; who was not heard of the longest goes first.
 */
import { LRUCache } from 'lru-cache';
import type { Catalogue } from '../worlds/world.js';
import { EventCode, type Listener, type Preferences, type Session } from './listener.js';
import type { LiveEvent } from './live-event.js';
import { unknownListener } from './unknown-listener.js';

export interface Bindings {
  /** Ids of hidden tracks. */
  readonly hidden: ReadonlySet<string>;
  /** Names of blocked artists. */
  readonly blockedArtists: readonly string[];
  /** Ids of the tracks that were started last, latest first; at most `STARTS_MAX`. */
  readonly started: readonly string[];
}

export const NO_BINDINGS: Bindings = { hidden: new Set(), blockedArtists: [], started: [] };

interface Known extends Bindings {
  /** Of `hidden`, those that came by an event and were in no row yet. */
  readonly newlyHidden: readonly string[];
  /** `Preferences.version` of the row that they were taken from last. */
  readonly version: number;
  /** Epoch milliseconds of the latest start; -Infinity without one. */
  readonly startedAtMs: number;
  /** Whether the starts before that came from a row. */
  readonly startsRead: boolean;
}

/** Of which what plays now is one; a longer memory would leave room for fewer listeners. */
export const STARTS_MAX = 8;
/** Some 40,000 listeners who hid little. */
export const BINDINGS_BYTES_MAX = 32 * 1024 * 1024;

/** Of an entry beside its ids, and of an id beside its characters, as measured on Node 24. */
const ENTRY_BYTES = 400;
const ID_BYTES = 40;

const NOTHING: Known = {
  ...NO_BINDINGS,
  newlyHidden: [],
  version: 0,
  startedAtMs: -Infinity,
  startsRead: false,
};

export class KnownBindings {
  /** Since the start: asked for listeners of whom something binds, or nothing; and who had to leave. */
  readonly counts = { hits: 0, misses: 0, evictions: 0 };
  private readonly known: LRUCache<string, Known>;

  constructor(bytesMax: number = BINDINGS_BYTES_MAX) {
    this.known = new LRUCache<string, Known>({
      maxSize: bytesMax,
      sizeCalculation: bytesOf,
      dispose: (_known, _listenerId, reason) => {
        if (reason === 'evict') this.counts.evictions++;
      },
    });
  }

  /** Memory it takes now. */
  get bytes(): number {
    return this.known.calculatedSize;
  }

  /** Undefined for a listener of whom nothing that binds is known. */
  of(listenerId: string): Bindings | undefined {
    const known = this.known.get(listenerId);
    if (known === undefined) this.counts.misses++;
    else this.counts.hits++;
    return known;
  }

  /**
   * From a row that was read. Where nothing changed since, it costs a look-up or two. A row may be older than an event taken
   * here: what that hid or started stays.
   *
   * @param listener in ordinals of `catalogue`
   */
  learn({ id, session, preferences }: Listener, catalogue: Catalogue): void {
    const last = lastStartOf(session);
    const before = this.known.get(id);
    if (before === undefined && last < 0 && preferences.version === 0) return;
    const known = before ?? NOTHING;
    const hasStarted = last >= 0 && isNews(session, last, known, catalogue);
    const hasChosen = preferences.version !== known.version;
    if (!hasStarted && !hasChosen) return;
    this.known.set(id, {
      ...known,
      ...(hasStarted ? startsOf(session, last, known, catalogue) : {}),
      ...(hasChosen ? choicesOf(preferences, known.newlyHidden, catalogue) : {}),
    });
  }

  /** From events that were taken; whether they are in the listener's row already does not matter. */
  note(listenerId: string, events: readonly LiveEvent[]): void {
    const before = this.known.get(listenerId);
    let known = before ?? NOTHING;
    for (const { type, trackId, occurredAtMs } of events) {
      if (type === 'hide') known = hiding(known, trackId);
      else if (type === 'play-started') known = starting(known, trackId, occurredAtMs);
    }
    if (known !== (before ?? NOTHING)) this.known.set(listenerId, known);
  }
}

/** The listener as far as `bindings` tell; in ordinals of `catalogue`. */
export function boundListener(id: string, bindings: Bindings | undefined, catalogue: Catalogue): Listener {
  const unknown = unknownListener(id);
  if (bindings === undefined) return unknown;
  const { hidden, blockedArtists, started } = bindings;
  const count = started.length;
  return {
    ...unknown,
    session: {
      ...unknown.session,
      count,
      types: new Uint8Array(count).fill(EventCode.playStarted),
      ordinals: Int32Array.from(started.toReversed(), (trackId) => catalogue.ordinalOf(trackId)),
      occurredAtMs: new Float64Array(count).fill(NaN),
      playedMs: new Float32Array(count).fill(NaN),
      playNumbers: new Uint32Array(count),
      playsSinceBuild: count,
      isNew: new Uint8Array(count).fill(1),
    },
    preferences: {
      hiddenOrdinals: knownOrdinals(hidden, (trackId) => catalogue.ordinalOf(trackId)),
      blockedArtistOrdinals: blockedOrdinals(bindings, catalogue),
      version: blockedArtists.length + hidden.size,
    },
  };
}

/** Blocked artists as the catalogue's ordinals. */
export function blockedOrdinals({ blockedArtists }: Bindings, catalogue: Catalogue): ReadonlySet<number> {
  if (blockedArtists.length === 0) return NO_ORDINALS;
  return knownOrdinals(blockedArtists, (artist) => catalogue.artistOrdinalOf(artist));
}

const NO_ORDINALS: ReadonlySet<number> = new Set();

function knownOrdinals(names: Iterable<string>, ordinalOf: (name: string) => number): ReadonlySet<number> {
  const ordinals = new Set<number>();
  for (const name of names) ordinals.add(ordinalOf(name));
  ordinals.delete(-1);
  return ordinals;
}

/** Index of the latest start of a known track; -1 without one. */
function lastStartOf({ count, types, ordinals }: Session): number {
  for (let i = count - 1; i >= 0; i--) if (types[i] === EventCode.playStarted && ordinals[i] >= 0) return i;
  return -1;
}

/** Whether the row's last start is another than the one known, and none before it. */
function isNews(session: Session, last: number, known: Known, catalogue: Catalogue): boolean {
  const { started, startedAtMs, startsRead } = known;
  const atMs = session.occurredAtMs[last];
  if (atMs !== startedAtMs) return atMs > startedAtMs;
  return !startsRead || catalogue.ordinalOf(started[0]) !== session.ordinals[last];
}

function startsOf(
  session: Session,
  last: number,
  known: Known,
  catalogue: Catalogue,
): Pick<Known, 'started' | 'startedAtMs' | 'startsRead'> {
  const knownOrdinal = known.startsRead ? catalogue.ordinalOf(known.started[0]) : -1;
  let started: string[] = [];
  for (let i = last; i >= 0 && started.length < STARTS_MAX; i--) {
    if (session.types[i] !== EventCode.playStarted || session.ordinals[i] < 0) continue;
    if (session.ordinals[i] === knownOrdinal && session.occurredAtMs[i] === known.startedAtMs) {
      started = started.concat(known.started).slice(0, STARTS_MAX);
      break;
    }
    started.push(catalogue.idOf(session.ordinals[i]));
  }
  return { started, startedAtMs: session.occurredAtMs[last], startsRead: true };
}

function choicesOf(
  { hiddenOrdinals, blockedArtistOrdinals, version }: Preferences,
  newlyHidden: readonly string[],
  catalogue: Catalogue,
): Pick<Known, 'hidden' | 'newlyHidden' | 'blockedArtists' | 'version'> {
  const hidden = new Set<string>();
  for (const ordinal of hiddenOrdinals) hidden.add(catalogue.idOf(ordinal));
  const notStored = newlyHidden.filter((trackId) => !hidden.has(trackId));
  for (const trackId of notStored) hidden.add(trackId);
  const blockedArtists = Array.from(blockedArtistOrdinals, (ordinal) => catalogue.artistOf(ordinal));
  return { hidden, newlyHidden: notStored, blockedArtists, version };
}

function hiding(known: Known, trackId: string): Known {
  if (known.hidden.has(trackId)) return known;
  return {
    ...known,
    hidden: new Set(known.hidden).add(trackId),
    newlyHidden: [...known.newlyHidden, trackId],
  };
}

/** A start before the one known last is left to the next row. */
function starting(known: Known, trackId: string, atMs: number): Known {
  const { started, startedAtMs } = known;
  if (atMs < startedAtMs || (atMs === startedAtMs && started.includes(trackId))) return known;
  return { ...known, started: [trackId, ...started].slice(0, STARTS_MAX), startedAtMs: atMs };
}

function bytesOf({ hidden, blockedArtists, started, newlyHidden }: Known, listenerId: string): number {
  let bytes = ENTRY_BYTES + 2 * listenerId.length + 8 * newlyHidden.length;
  for (const id of hidden) bytes += ID_BYTES + id.length;
  for (const id of blockedArtists) bytes += ID_BYTES + id.length;
  for (const id of started) bytes += ID_BYTES + id.length;
  return bytes;
}
