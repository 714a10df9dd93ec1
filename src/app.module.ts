/** Composition root: the one place that wires the parts that serve. */
import { availableParallelism } from 'node:os';
import type { RecommendHandler, RecordHandler } from './api/handlers.js';
import type { Readiness } from './api/readiness.js';
import type { Config } from './config.js';
import { openConfiguredCache, openConfiguredStore } from './drivers.js';
import { openSegmentLog } from './events/segment-log.js';
import { REGISTRY_FINGERPRINT } from './features/registry.js';
import { SegueError } from './errors.js';
import type { Log } from './log.js';
import { loadDemoWorld } from './process/first-world.js';
import { warmUp } from './process/warm-up.js';
import { PromotionSnapshots } from './promotion/snapshot.js';
import { BundleRankers } from './ranking/rankers.js';
import { Recommender, type RecommendParts } from './recommend/recommend.js';
import { StoreReads } from './recommend/store-reads.js';
import { SURFACE } from './recommend/surfaces.js';
import type { RowStore } from './store/row-store.js';
import { LIVE_TABLES } from './store/tables.js';
import type { Telemetry } from './telemetry.js';
import { LoadedWorlds } from './worlds/loaded-worlds.js';
import { readPointer } from './worlds/pointer.js';

/** What must be up before this process serves. */
export const READY_PARTS = ['store', 'world', 'ranker', 'warm'] as const;

const STORE_RETRY_MS = 500;

export interface Composition {
  readonly config: Config;
  readonly slot: number;
  readonly telemetry: Telemetry;
  readonly readiness: Readiness;
  readonly log: Log;
}

export interface Parts {
  readonly recommender: RecommendHandler;
  readonly recorder: RecordHandler;
  /** After the edge has drained: flushes and closes everything. */
  close(): Promise<void>;
}

const CLOCK = { wallMs: () => Date.now(), monotonicMs: () => performance.now() };

/** Settles when all parts are open; `readiness` tells which of them are up and warm. */
export async function composeParts({ config, slot, telemetry, readiness, log }: Composition): Promise<Parts> {
  const store = openConfiguredStore(config);
  await untilStoreAnswers(store, log);
  readiness.set('store', true);

  if (slot === 0 && config.demo && (await readPointer(store)) === undefined) await loadDemoWorld(log);
  const firstWorld = Promise.withResolvers<void>();
  const worlds = openWorlds(config, store, log, () => {
    readiness.set('world', true);
    firstWorld.resolve();
  });
  await worlds.start();

  const rankers = await openRankers(config, log);
  readiness.set('ranker', true);

  const cache = openConfiguredCache(config);
  const events = await openSegmentLog({
    directory: config.events.dir,
    slot,
    nowMs: CLOCK.wallMs,
    segmentBytesMax: config.events.segmentMaxBytes,
    exposuresBytesMax: config.events.exposuresMaxBytes,
  });
  const snapshots = new PromotionSnapshots(
    store,
    { refused: (reason) => void log.error({ reason }, 'promotion snapshot refused') },
    config.promotions.pollMs,
  );
  await snapshots.start();

  const corrupt = { listeners: 0, tracks: 0, contexts: 0, catalogue: 0 };
  const reads = new StoreReads(store, {
    corrupt: (table, error) => {
      corrupt[table]++;
      log.error({ table, err: error }, 'a stored row is corrupt and counts as absent');
    },
  });
  const parts: RecommendParts = {
    worlds,
    reads,
    rankers,
    rankerName: config.ranker,
    cache,
    snapshots,
    exposures: events,
    observer: telemetry,
    clock: CLOCK,
  };
  telemetry.observeCounter('segue.rows.corrupt', 'Stored rows that could not be decoded.', 'table', () => corrupt);
  telemetry.observeCounter('segue.cache.failures', 'Failed calls of the cache.', 'cause', () => cache.failures);
  telemetry.observeCounter('segue.exposures.dropped', 'Exposures that were not written.', 'stream', () => ({
    exposures: events.droppedExposures,
  }));
  void firstWorld.promise.then(async () => {
    await warmUp(parts);
    readiness.set('warm', true);
  });

  return {
    recommender: new Recommender(parts),
    recorder: { record: () => Promise.reject(new SegueError('SEGUE_UNAVAILABLE', 'not yet')) },
    close: async () => {
      snapshots.close();
      await worlds.close();
      await rankers.close();
      await events.close();
      await cache.close();
      await store.close();
    },
  };
}

/** Live tables are made where they are missing; until the store answers, this process is not ready. */
async function untilStoreAnswers(store: RowStore, log: Log): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      for (const table of LIVE_TABLES) await store.createTable(table);
      return;
    } catch (error) {
      log.error({ err: error, attempt }, 'the row store does not answer; trying again');
      await new Promise((resolve) => setTimeout(resolve, STORE_RETRY_MS));
    }
  }
}

function openWorlds(config: Config, store: RowStore, log: Log, onLoaded: () => void): LoadedWorlds {
  return new LoadedWorlds({
    store,
    pollMs: config.worlds.pollMs,
    random: Math.random,
    monotonicMs: CLOCK.monotonicMs,
    observer: {
      loaded: ({ generation, catalogue }, elapsedMs) => {
        onLoaded();
        log.info({ generation, tracks: catalogue.count, elapsedMs }, 'world loaded');
      },
      failed: (error) => {
        log.error({ err: error }, 'a world could not be loaded; the one before goes on serving');
      },
      dropped: (generation) => {
        log.info({ generation }, 'world dropped');
      },
    },
  });
}

function openRankers(config: Config, log: Log): Promise<BundleRankers> {
  return BundleRankers.open({
    dir: config.models.dir,
    placement: config.models.placement,
    registryFingerprint: REGISTRY_FINGERPRINT,
    width: Math.max(...Object.values(SURFACE).map(({ width, quotas }) => width + quotas.promoted)),
    poolSize: availableParallelism(),
    pollMs: config.worlds.pollMs,
    onState: (state) => {
      if (state.status === 'rejected') log.error(state, 'ranker rejected');
      else log.info(state, 'ranker');
    },
    onPoisoned: (reason) => {
      log.fatal({ reason }, 'ranking workers are stuck: draining this process');
      process.kill(process.pid, 'SIGTERM');
    },
  });
}
