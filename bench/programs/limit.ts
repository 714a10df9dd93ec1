/**
 * The raw limit of one request: its rows out of LMDB, the feature matrix of its 500 candidates, and the model, in one loop on one
 * thread. What a service has to do besides (decoding, choosing candidates, filters, order, an answer) is made ready before each
 * turn and not counted.
 */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { join } from 'node:path';
import { computeFeatures } from '../../src/features/compute.js';
import { Frame } from '../../src/features/frame.js';
import { parseRecommend } from '../../src/api/parse-recommend.js';
import { readManifest } from '../../src/ranking/bundle.js';
import { admit } from '../../src/recommend/stages/admit.js';
import { assign } from '../../src/recommend/stages/assign.js';
import { filter } from '../../src/recommend/stages/filter.js';
import { listened } from '../../src/recommend/stages/listen.js';
import { shortlist } from '../../src/recommend/stages/rank.js';
import { retrieve } from '../../src/recommend/stages/retrieve.js';
import { StoreReads } from '../../src/recommend/store-reads.js';
import { sessionRef } from '../../src/listeners/session-row.js';
import { MAP_BYTES_INITIAL, openEnvironment } from '../../src/store/lmdb/environment.js';
import { openLmdbStore } from '../../src/store/lmdb/lmdb-store.js';
import { wholeReads } from '../../src/store/row-reads.js';
import { rowId } from '../../src/store/lmdb/row-id.js';
import { readRow } from '../../src/store/lmdb/versioned-rows.js';
import { generationTable, rowKey } from '../../src/store/tables.js';
import { openWorld } from '../../src/worlds/loaded-worlds.js';
import { readPointer } from '../../src/worlds/pointer.js';
import { answerParent } from '../program.js';
import { timesOf, type LimitReport, type PipelineOptions } from './pipeline-reports.js';

const WARM_UP = 300;

async function run({ dataDir, modelDir, bodies, requests }: PipelineOptions): Promise<LimitReport> {
  const store = openLmdbStore({ dataDir });
  const pointer = await readPointer(store);
  if (pointer === undefined) throw new Error(`${dataDir} has no world`);
  const { generation } = pointer;
  const world = await openWorld(store, generation);
  const { name, featureNames } = await readManifest(modelDir);
  const session = await InferenceSession.create(join(modelDir, 'model.onnx'), {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
  });
  const reads = new StoreReads(wholeReads(store), { corrupt: () => undefined });
  const live = openEnvironment(join(dataDir, 'live'), 'read', MAP_BYTES_INITIAL).rows;
  const batch = openEnvironment(join(dataDir, 'rows', generation), 'read', MAP_BYTES_INITIAL).rows;

  const totals = new Float64Array(requests);
  const readTimes = new Float64Array(requests);
  const featureTimes = new Float64Array(requests);
  const modelTimes = new Float64Array(requests);
  let candidates = 0;
  for (let i = -WARM_UP; i < requests; i++) {
    const request = parseRecommend(JSON.parse(bodies[(i + WARM_UP) % bodies.length]), () => `limit-${i}`);
    const assigned = assign(admit(request, world, Date.now()), name);
    const state = listened(assigned, await reads.listener(world, request.listenerId, {}), () => undefined);
    const seeds = state.recents.subarray(0, state.surface.neighbourSeeds);
    const rows = await reads.related(world, seeds, undefined, {});
    const list = shortlist(filter(retrieve(state, rows, undefined)), state.surface.width);
    const { input } = list.frame;
    const slots = list.slots.slice();
    const sessionKey = sessionRef(request.listenerId);
    const listenerId = rowId(generationTable('listeners', generation), rowKey(request.listenerId));
    const sessionId = rowId(sessionKey.table, sessionKey.key);
    const trackIds = Array.from(seeds, (seed) =>
      rowId(generationTable('tracks', generation), rowKey(world.catalogue.idOf(seed))),
    );

    const startMs = performance.now();
    readRow(batch, listenerId);
    readRow(live, sessionId);
    for (const id of trackIds) readRow(batch, id);
    const readMs = performance.now();
    const matrix = computeFeatures(new Frame(input), slots, featureNames);
    const featuresMs = performance.now();
    await session.run({ features: new Tensor('float32', matrix, [slots.length, featureNames.length]) });
    const endMs = performance.now();

    if (i < 0) continue;
    candidates += slots.length / requests;
    readTimes[i] = readMs - startMs;
    featureTimes[i] = featuresMs - readMs;
    modelTimes[i] = endMs - featuresMs;
    totals[i] = endMs - startMs;
  }
  await session.release();
  await store.close();
  return {
    requests,
    candidates,
    totalMs: timesOf(totals),
    readsMs: timesOf(readTimes),
    featuresMs: timesOf(featureTimes),
    modelMs: timesOf(modelTimes),
  };
}

answerParent(run);
