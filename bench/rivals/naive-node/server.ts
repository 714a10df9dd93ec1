/**
 * The rival in Node: what one would write in an afternoon, in one process. Fastify, rows out of LMDB, an object a candidate, and the
 * model on the main thread. No budget, no fallback, no admission, no exposure, no sequence, no metrics.
 *
 * It is given Segue's row codec, catalogue and feature definitions, so that the same rows are read and the model sees the same
 * numbers: what it costs beyond that is its own.
 */
import Fastify from 'fastify';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { join } from 'node:path';
import { CandidateSet, SOURCES } from '../../../src/features/candidates.js';
import { computeFeatures } from '../../../src/features/compute.js';
import { Frame } from '../../../src/features/frame.js';
import { readManifest } from '../../../src/ranking/bundle.js';
import { StoreReads } from '../../../src/recommend/store-reads.js';
import { openLmdbStore } from '../../../src/store/lmdb/lmdb-store.js';
import { wholeReads } from '../../../src/store/row-reads.js';
import { ATTRIBUTE } from '../../../src/worlds/attributes.js';
import { openWorld } from '../../../src/worlds/loaded-worlds.js';
import { readPointer } from '../../../src/worlds/pointer.js';
import { RECORD_FLOATS } from '../../../src/worlds/world.js';

const NEIGHBOURS = 400;
const POOL = 400;
const POPULAR = 100;
const WIDTH = 500;
const NEIGHBOUR_DECAY = 0.7;
const REPEAT_GAP_PLAYS = 30;
const ARTIST_CANDIDATES_MAX = 40;
const ARTIST_SLATE_MAX = 3;

interface Body {
  readonly listenerId: string;
  readonly seedTrackId: string;
  readonly recentTrackIds: readonly string[];
  readonly limit: number;
}

interface Candidate {
  readonly ordinal: number;
  readonly sources: { readonly source: number; readonly score: number; readonly rank: number }[];
  best: number;
}

const { PORT = '0', DATA_DIR = '', MODEL_DIR = '' } = process.env;

const store = openLmdbStore({ dataDir: DATA_DIR });
const pointer = await readPointer(store);
if (pointer === undefined) throw new Error(`${DATA_DIR} has no world`);
const world = await openWorld(store, pointer.generation);
const { catalogue } = world;
const reads = new StoreReads(wholeReads(store), { corrupt: () => undefined });
const { featureNames } = await readManifest(MODEL_DIR);
const session = await InferenceSession.create(join(MODEL_DIR, 'model.onnx'), { intraOpNumThreads: 1 });

function artistOf(ordinal: number): number {
  return catalogue.floats[ordinal * RECORD_FLOATS + ATTRIBUTE.artist];
}

async function recommend(body: Body): Promise<object> {
  const recents = Uint32Array.from(
    [body.seedTrackId, ...body.recentTrackIds].map((id) => catalogue.ordinalOf(id)).filter((ordinal) => ordinal >= 0),
  );
  const listener = await reads.listener(world, body.listenerId, {});
  const { neighbours } = await reads.related(world, recents, undefined, {});

  const candidates = new Map<number, Candidate>();
  const add = (ordinal: number, name: (typeof SOURCES)[number], score: number, rank: number): void => {
    let candidate = candidates.get(ordinal);
    if (candidate === undefined) candidates.set(ordinal, (candidate = { ordinal, sources: [], best: 0 }));
    candidate.sources.push({ source: SOURCES.indexOf(name), score, rank });
    candidate.best = Math.max(candidate.best, 1 / (1 + rank));
  };
  const sums = new Map<number, number>();
  neighbours.forEach((list, i) => {
    list?.ordinals.forEach((ordinal, j) => {
      sums.set(ordinal, (sums.get(ordinal) ?? 0) + list.scores[j] * NEIGHBOUR_DECAY ** i);
    });
  });
  [...sums]
    .sort((a, b) => b[1] - a[1])
    .slice(0, NEIGHBOURS)
    .forEach(([ordinal, score], rank) => {
      add(ordinal, 'neighbours', score, rank);
    });
  (listener.row?.pool ?? [])
    .flatMap(({ ordinals, scores }) =>
      Array.from(ordinals, (ordinal, rank) => ({ ordinal, rank, score: scores[rank] })),
    )
    .sort((a, b) => a.rank - b.rank)
    .slice(0, POOL)
    .forEach(({ ordinal, score, rank }) => {
      if (!(candidates.get(ordinal)?.sources.some(({ source }) => SOURCES[source] === 'pool') ?? false)) {
        add(ordinal, 'pool', score, rank);
      }
    });
  const popular = world.popular(undefined);
  popular.ordinals.slice(0, POPULAR).forEach((ordinal, rank) => {
    add(ordinal, 'popular', popular.scores[rank], rank);
  });

  const justPlayed = new Set(recents);
  const lastPlays = new Map<number, number>();
  const history = listener.row?.history;
  history?.ordinals.forEach((ordinal, i) => lastPlays.set(ordinal, history.lastIndices[i]));
  const perArtist = new Map<number, number>();
  const kept = [...candidates.values()]
    .filter(({ ordinal }) => {
      const gap = (history?.totalPlays ?? 0) - (lastPlays.get(ordinal) ?? -Infinity);
      return !justPlayed.has(ordinal) && gap >= REPEAT_GAP_PLAYS;
    })
    .filter(({ ordinal }) => {
      const count = (perArtist.get(artistOf(ordinal)) ?? 0) + 1;
      perArtist.set(artistOf(ordinal), count);
      return count <= ARTIST_CANDIDATES_MAX;
    })
    .sort((a, b) => b.best - a.best)
    .slice(0, WIDTH);

  const set = new CandidateSet().begin(kept.length, catalogue);
  for (const { ordinal, sources } of kept) {
    for (const { source, score, rank } of sources) set.add(ordinal, source, score, rank);
  }
  const frame = new Frame({ catalogue, listener, candidates: set.done(catalogue), recents });
  const matrix = computeFeatures(frame, Uint32Array.from(kept.keys()), featureNames);
  const { relevance } = await session.run({
    features: new Tensor('float32', matrix, [kept.length, featureNames.length]),
  });
  const scores = relevance.data as Float32Array;

  const slatePerArtist = new Map<number, number>();
  const items = kept
    .map(({ ordinal, sources }, i) => ({ ordinal, sources, score: scores[i] }))
    .sort((a, b) => b.score - a.score)
    .filter(({ ordinal }) => {
      const count = (slatePerArtist.get(artistOf(ordinal)) ?? 0) + 1;
      slatePerArtist.set(artistOf(ordinal), count);
      return count <= ARTIST_SLATE_MAX;
    })
    .slice(0, body.limit)
    .map(({ ordinal, sources, score }, position) => ({
      trackId: catalogue.idOf(ordinal),
      position,
      score,
      sources: sources.map(({ source }) => SOURCES[source]),
    }));
  return { items, ranked: kept.length };
}

const app = Fastify();
app.get('/healthz', () => 'ok');
app.post<{ Body: Body }>('/v1/recommend', (request) => recommend(request.body));
process.once('SIGTERM', () => {
  process.exit(0);
});
await app.listen({ port: Number(PORT), host: '127.0.0.1' });
