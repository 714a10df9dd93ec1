/** A small world in a real store, and plays over it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { History } from '../../src/listeners/listener.js';
import { packHistory } from '../../src/listeners/pack-listener-row.js';
import type { Play, PlaysByListener } from '../../src/replay/play.js';
import { openLmdbStore } from '../../src/store/lmdb/lmdb-store.js';
import type { RowStore } from '../../src/store/row-store.js';
import { generationTable, rowKey } from '../../src/store/tables.js';
import { packNeighbours } from '../../src/worlds/track-rows.js';
import type { World } from '../../src/worlds/world.js';
import { smallWorld } from '../fixtures/small-world.js';

export const TRACKS = 80;
export const BUILT_THROUGH_MS = Date.parse('2026-05-01T00:00:00Z');
const MINUTE_MS = 60_000;

export interface ReplayedWorld extends AsyncDisposable {
  readonly world: World;
  readonly store: RowStore;
  /** For what a test writes. */
  readonly directory: string;
}

/** Eighty tracks, each followed by the next two, and a row for the listener `ann`, who played the first forty in order. */
export async function replayedWorld(): Promise<ReplayedWorld> {
  const directory = await mkdtemp(join(tmpdir(), 'segue-replay-'));
  const store = openLmdbStore({ dataDir: join(directory, 'data') });
  const world = smallWorld(
    Array.from({ length: TRACKS }, (_, i) => ({ artist: i % 30, tempoBpm: 80 + i, releaseYear: 1960 + (i % 50) })),
  );
  const listeners = generationTable('listeners', world.generation);
  const tracks = generationTable('tracks', world.generation);
  for (const table of [listeners, tracks, 'sessions', 'events']) await store.createTable(table);
  const history = packHistory(BUILT_THROUGH_MS, historyOf(40));
  await store.writeAll(listeners, [{ key: rowKey('ann'), columns: [['history', history]] }]);
  await store.writeAll(
    tracks,
    Array.from({ length: TRACKS }, (_, i) => ({
      key: rowKey(`t${i}`),
      columns: [['neighbours', packNeighbours(BUILT_THROUGH_MS, followers(i))] as const],
    })),
  );
  return {
    world,
    store,
    directory,
    [Symbol.asyncDispose]: async () => {
      await store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function followers(track: number): { readonly ordinals: Uint32Array; readonly scores: Float32Array } {
  return {
    ordinals: Uint32Array.of((track + 1) % TRACKS, (track + 2) % TRACKS),
    scores: Float32Array.of(0.4, 0.2),
  };
}

function historyOf(count: number): History {
  const numbers = Uint32Array.from({ length: count }, (_, i) => i);
  const unknown = new Float32Array(count).fill(NaN);
  return {
    ordinals: numbers,
    plays: new Uint32Array(count).fill(1),
    lastIndices: numbers,
    lastAtMs: Float64Array.from(numbers, (i) => BUILT_THROUGH_MS - (count - 1 - i) * MINUTE_MS),
    gapMeans: unknown,
    gapMedians: unknown,
    gapMinimums: unknown,
    gapLasts: unknown,
    skips: new Uint32Array(count),
    completions: new Uint32Array(count),
    totalPlays: count,
    artistOrdinals: new Uint32Array(0),
    artistLastIndices: new Uint32Array(0),
    artistGapMeans: new Float32Array(0),
  };
}

export interface Heard {
  readonly track: number;
  readonly outcome: Play['outcome'];
  readonly saved: boolean;
}

/** Plays of one listener, three minutes apart from the build on. */
export function playsOf(listenerId: string, heard: readonly Heard[]): PlaysByListener {
  return new Map([
    [
      listenerId,
      heard.map(({ track, outcome, saved }, i) => ({
        listenerId,
        trackId: `t${track}`,
        atMs: BUILT_THROUGH_MS + i * 3 * MINUTE_MS,
        market: '',
        contextId: '',
        playedMs: outcome === 'skipped' ? 20_000 : 170_000,
        outcome,
        saved,
      })),
    ],
  ]);
}
