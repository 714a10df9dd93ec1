/** A listener as good as any, for whoever needs one before the first real one comes: packed rows, as they would be stored. */
import type { History } from '../listeners/listener.js';
import { packHeard, packHistory, packPool, packSignals } from '../listeners/pack-listener-row.js';
import { sessionChange } from '../listeners/session-change.js';
import type { Row } from '../store/row-store.js';
import { ATTRIBUTE, ATTRIBUTE_COUNT } from '../worlds/attributes.js';
import { RECORD_FLOATS, type Catalogue } from '../worlds/world.js';

export interface MadeUpRows {
  readonly batch: Row;
  readonly session: Row;
  /** What plays now and what played before. */
  readonly recentTrackIds: readonly string[];
}

const HEARD_TRACKS = 200;
const POOL_LISTS = 3;
const POOL_TRACKS = 150;
const EVENTS = 24;
const RECENTS = 8;
const BUILT_THROUGH_MS = 1_700_000_000_000;

/** @param number of the listener; each has another taste */
export function madeUpRows(catalogue: Catalogue, number: number): MadeUpRows {
  const heard = rising(catalogue.count, HEARD_TRACKS, number);
  const trackIds = Array.from(heard, (ordinal) => catalogue.idOf(ordinal));
  const lists = Array.from({ length: POOL_LISTS }, (_, list) => {
    const ordinals = rising(catalogue.count, POOL_TRACKS, number + 7 * list + 1);
    return { name: `list-${list}`, ordinals, scores: Float32Array.from(ordinals, (_ordinal, rank) => 1 / (1 + rank)) };
  });
  const batch = new Map([
    ['pool', packPool(BUILT_THROUGH_MS, lists)],
    ['signals', signalsOf(catalogue, heard)],
    ['history', packHistory(BUILT_THROUGH_MS, historyOf(catalogue, heard))],
    ['heard', packHeard(BUILT_THROUGH_MS, trackIds)],
  ]);
  return { batch, session: sessionOf(trackIds), recentTrackIds: trackIds.slice(0, RECENTS) };
}

/** Distinct ordinals in rising order, more of them among the popular ones. */
function rising(count: number, length: number, number: number): Uint32Array {
  const ordinals = new Set<number>();
  for (let i = 0; i < length; i++) {
    const share = ((i + 1) * 0.618_034 + number * 0.414_214) % 1;
    ordinals.add(Math.floor(share ** 3 * count));
  }
  return Uint32Array.from(ordinals).sort();
}

function signalsOf(catalogue: Catalogue, heard: Uint32Array): Uint8Array {
  const artistOrdinals = artistsOf(catalogue, heard);
  const record = catalogue.floats.subarray(0, ATTRIBUTE_COUNT);
  return packSignals(BUILT_THROUGH_MS, {
    attributeMeans: Float32Array.from(record),
    attributeDeviations: new Float32Array(ATTRIBUTE_COUNT).fill(1),
    artistOrdinals,
    artistWeights: new Float32Array(artistOrdinals.length).fill(1 / Math.max(1, artistOrdinals.length)),
    plays: 2 * heard.length,
    completionRate: 0.7,
    skipRate: 0.2,
    market: 'DE',
  });
}

function historyOf(catalogue: Catalogue, ordinals: Uint32Array): History {
  const { length } = ordinals;
  const artistOrdinals = artistsOf(catalogue, ordinals);
  const numbers = Uint32Array.from(ordinals, (_, i) => i);
  return {
    ordinals,
    plays: numbers.map((i) => 1 + (i % 3)),
    lastIndices: numbers,
    lastAtMs: Float64Array.from(numbers, (i) => BUILT_THROUGH_MS - (length - i) * 200_000),
    // Played once, a track has no gap.
    gapMeans: Float32Array.from(numbers, (i) => (i % 3 === 0 ? NaN : 20 + i)),
    gapMedians: Float32Array.from(numbers, (i) => (i % 3 === 0 ? NaN : 20 + i)),
    gapMinimums: Float32Array.from(numbers, (i) => (i % 3 === 0 ? NaN : 5 + i)),
    gapLasts: Float32Array.from(numbers, (i) => (i % 3 === 0 ? NaN : Math.min(i, 20))),
    skips: numbers.map((i) => i % 2),
    completions: numbers.map((i) => (i % 4 === 0 ? 1 : 0)),
    totalPlays: length,
    artistOrdinals,
    artistLastIndices: Uint32Array.from(artistOrdinals, (_, i) => i),
    artistGapMeans: new Float32Array(artistOrdinals.length).fill(10),
  };
}

function artistsOf(catalogue: Catalogue, ordinals: Uint32Array): Uint32Array {
  const artists = new Set<number>();
  for (const ordinal of ordinals) {
    const artist = catalogue.floats[ordinal * RECORD_FLOATS + ATTRIBUTE.artist];
    if (artist >= 0) artists.add(artist);
  }
  return Uint32Array.from(artists).sort();
}

/** Half of the plays of the session ran to their end. */
function sessionOf(trackIds: readonly string[]): Row {
  const types = ['play-started', 'play-completed', 'play-started', 'skip'] as const;
  const events = Array.from({ length: trackIds.length === 0 ? 0 : EVENTS }, (_, i) => ({
    eventId: `event-${i}`,
    type: types[i % types.length],
    listenerId: 'made-up',
    trackId: trackIds[(i >> 1) % trackIds.length],
    occurredAtMs: BUILT_THROUGH_MS + i * 60_000,
    receivedAtMs: BUILT_THROUGH_MS + i * 60_000,
  }));
  const { session } = sessionChange({ session: undefined, repeats: undefined }, events, BUILT_THROUGH_MS);
  return new Map(session.set ?? []);
}
