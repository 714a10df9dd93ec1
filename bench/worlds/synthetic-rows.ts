/** The rows of a synthetic world, through Segue's own row codec: tracks skewed to popular ones, as many as real rows have. */
import { packHeard, packHistory, packPool, packSignals } from '../../src/listeners/pack-listener-row.js';
import type { RowWrite } from '../../src/store/row-store.js';
import { rowKey } from '../../src/store/tables.js';
import { ATTRIBUTE_COUNT } from '../../src/worlds/attributes.js';
import { NEIGHBOURS_COLUMN, packNeighbours } from '../../src/worlds/track-rows.js';
import { streamOf, type Random } from '../../test/sim/random.js';
import { popularOrdinal } from '../requests.js';
import { syntheticListenerId, syntheticTrackId, type WorldShape } from './shape.js';

export const BUILT_THROUGH_MS = 1_763_000_000_000;
export const TRACKS_PER_ARTIST = 5;

/** As many as keep a listener's row within a page of LMDB, 4 KiB: a million of them are to fit the page cache. */
const POOL_TRACKS = 200;
const HISTORY_TRACKS = 30;
const NEIGHBOURS = 75;
const HISTORY_PLAYS = 200;
const SIGNAL_ARTISTS = 20;
const PLAY_MS = 200_000;
/** Distinct rows; listeners and tracks take them in turn, each under a key and in pages of its own. */
const VARIANTS = 4096;
const SEED = 11;
const STREAM = { neighbours: 1, listeners: 2 } as const;

function distinctOrdinals(random: Random, tracks: number, count: number): Uint32Array {
  const chosen = new Set<number>();
  while (chosen.size < Math.min(count, tracks >> 1)) chosen.add(popularOrdinal(tracks, random.uniform()));
  return Uint32Array.from(chosen);
}

function fallingScores(count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, rank) => 1 / (1 + rank));
}

export function* neighbourRows({ tracks }: WorldShape): Generator<RowWrite, void, undefined> {
  const variants = Array.from({ length: Math.min(VARIANTS, tracks) }, (_, variant) => {
    const ordinals = distinctOrdinals(streamOf(SEED, STREAM.neighbours, variant), tracks, NEIGHBOURS);
    return packNeighbours(BUILT_THROUGH_MS, { ordinals, scores: fallingScores(ordinals.length) });
  });
  for (const { key, index } of byKey(tracks, syntheticTrackId)) {
    yield { key, columns: [[NEIGHBOURS_COLUMN, variants[index % variants.length]]] };
  }
}

export function* listenerRows({ tracks, listeners }: WorldShape): Generator<RowWrite, void, undefined> {
  const variants = Array.from({ length: Math.min(VARIANTS, listeners) }, (_, variant) =>
    listenerColumns(streamOf(SEED, STREAM.listeners, variant), tracks),
  );
  for (const { key, index } of byKey(listeners, syntheticListenerId)) {
    yield { key, columns: variants[index % variants.length] };
  }
}

/** In the order of their keys LMDB writes rows many times faster, as each commit touches few pages. */
function byKey(count: number, idOf: (index: number) => string): { readonly key: string; readonly index: number }[] {
  const entries = Array.from({ length: count }, (_, index) => ({ key: rowKey(idOf(index)), index }));
  return entries.sort((a, b) => (a.key < b.key ? -1 : 1));
}

function listenerColumns(random: Random, tracks: number): RowWrite['columns'] {
  const pool = distinctOrdinals(random, tracks, POOL_TRACKS);
  const heard = distinctOrdinals(random, tracks, HISTORY_TRACKS).sort();
  const artists = Uint32Array.from(
    new Set(Array.from(heard, (ordinal) => Math.floor(ordinal / TRACKS_PER_ARTIST))),
  ).sort();
  const spread = (low: number, high: number, count: number): Float32Array =>
    Float32Array.from({ length: count }, () => low + random.uniform() * (high - low));
  const indices = (count: number): Uint32Array =>
    Uint32Array.from({ length: count }, () => random.below(HISTORY_PLAYS));
  const lastIndices = indices(heard.length);
  return [
    ['pool', packPool(BUILT_THROUGH_MS, [{ name: 'taste', ordinals: pool, scores: fallingScores(pool.length) }])],
    [
      'signals',
      packSignals(BUILT_THROUGH_MS, {
        attributeMeans: spread(0, 1, ATTRIBUTE_COUNT),
        attributeDeviations: spread(0.1, 1, ATTRIBUTE_COUNT),
        artistOrdinals: artists.slice(0, SIGNAL_ARTISTS),
        artistWeights: spread(0, 0.1, Math.min(SIGNAL_ARTISTS, artists.length)),
        plays: HISTORY_PLAYS,
        completionRate: 0.7,
        skipRate: 0.2,
        market: '',
      }),
    ],
    [
      'history',
      packHistory(BUILT_THROUGH_MS, {
        ordinals: heard,
        plays: indices(heard.length).map((index) => 1 + (index % 9)),
        lastIndices,
        lastAtMs: Float64Array.from(lastIndices, (index) => BUILT_THROUGH_MS - (HISTORY_PLAYS - index) * PLAY_MS),
        gapMeans: spread(20, 90, heard.length),
        gapMedians: spread(20, 90, heard.length),
        gapMinimums: spread(5, 20, heard.length),
        gapLasts: spread(20, 90, heard.length),
        skips: indices(heard.length).map((index) => index % 3),
        completions: indices(heard.length).map((index) => index % 7),
        totalPlays: HISTORY_PLAYS,
        artistOrdinals: artists,
        artistLastIndices: indices(artists.length),
        artistGapMeans: spread(10, 50, artists.length),
      }),
    ],
    ['heard', packHeard(BUILT_THROUGH_MS, Array.from(heard, syntheticTrackId))],
  ];
}
