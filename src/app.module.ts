/** Composition root: the one place that wires the parts that serve. */
import { availableParallelism } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import type { RecommendHandler, RecordHandler } from './api/handlers.js';
import type { Readiness } from './api/readiness.js';
import type { Config, Place } from './config.js';
import { openConfiguredCache, openConfiguredStore } from './drivers.js';
import { openSegmentLog, slotsOf, type SegmentLog } from './events/segment-log.js';
import { REGISTRY_FINGERPRINT } from './features/registry.js';
import { EventRecorder } from './listeners/event-recorder.js';
import { recordEvents } from './listeners/record-events.js';
import { replay, replayOrphans } from './listeners/replay.js';
import { sweepRepeats } from './listeners/sweep-repeats.js';
import type { Log } from './log.js';
import { directoryError } from './process/directory-error.js';
import { loadDemoWorld } from './process/first-world.js';
import type { Peers } from './process/peers.js';
import { warmUp } from './process/warm-up.js';
import { PromotionSnapshots } from './promotion/snapshot.js';
import { BundleRankers, type BundleState } from './ranking/rankers.js';
import { Recommender, type RecommendParts } from './recommend/recommend.js';
import { StoreReads } from './recommend/store-reads.js';
import { SURFACE } from './recommend/surfaces.js';
import { openRows } from './rows.js';
import { StoreError, type RowStore } from './store/row-store.js';
import { LIVE_TABLES } from './store/tables.js';
import type { Telemetry } from './telemetry.js';
import { LoadedWorlds } from './worlds/loaded-worlds.js';
import { readPointer } from './worlds/pointer.js';
import type { World } from './worlds/world.js';

const HAND_BACK_MS = 250;
const STORE_RETRY_MS = 500;
/** Of a store on this machine, at the start: processes that begin it together may be in each other's way for a moment. */
const LOCAL_TRIES_MAX = 3;
const SWEEP_MS = 86_400_000;
/** A process that takes the place of another has a slot of its own. */
const SPARE_SLOTS = 1;

export interface Composition {
  readonly config: Config;
  readonly place: Place;
  readonly peers: Peers;
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
export async function composeParts(composition: Composition): Promise<Parts> {
  const { config, place, peers, telemetry, readiness, log } = composition;
  const { slot, isHousekeeper } = place;
  const store = openConfiguredStore(config);
  await untilStoreAnswers(store, composition);
  readiness.set('store', true);

  if (isHousekeeper && config.demo && (await readPointer(store)) === undefined) await loadDemoWorld(log);
  const firstWorld = Promise.withResolvers<undefined>();
  const rows = openRows(config, store);
  const opened = Promise.withResolvers<BundleRankers>();
  const worlds = openWorlds(config, store, log, (world) => {
    rows.serve(world);
    readiness.set('world', true);
    firstWorld.resolve(undefined);
    void opened.promise.then((rankers) => {
      sayWithoutRanker(rankers, world, config, log);
    });
  });
  await worlds.start();

  const rankers = await openRankers({ config, place, peers, telemetry, log });
  opened.resolve(rankers);
  readiness.set('ranker', true);

  const cache = openConfiguredCache(config);
  const heal = onceEvery(STORE_RETRY_MS, () =>
    createLiveTables(store).catch((error: unknown) => {
      log.error({ err: error }, 'the live tables are missing and cannot be made');
    }),
  );
  const eventFailures = { read: 0, log: 0, session: 0 };
  const events = await openLog(config, slot, log);
  const recorder = new EventRecorder({
    store,
    log: events,
    nowMs: CLOCK.wallMs,
    bindings: rows.kept.bindings,
    observer: {
      recorded: () => undefined,
      failed: (part, error) => {
        eventFailures[part]++;
        if (error instanceof StoreError && error.reason === 'no-table') heal();
        log.error({ part, err: error }, 'an event could not be recorded');
      },
    },
  });
  await replayLogs(events, recorder, config, place, log);
  const snapshots = new PromotionSnapshots(
    store,
    {
      refused: (reason) => {
        log.error({ reason }, 'promotion snapshot refused');
      },
    },
    config.promotions.pollMs,
  );
  await snapshots.start();

  const corrupt = { listeners: 0, tracks: 0, contexts: 0, catalogue: 0 };
  const reads = new StoreReads(
    rows.reads,
    {
      missingTable: heal,
      corrupt: (table, error) => {
        corrupt[table]++;
        log.error({ table, err: error }, 'a stored row is corrupt and counts as absent');
      },
    },
    rows.kept,
  );
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
  telemetry.observeCounter('segue.events.failures', 'Failed steps of recording events.', 'part', () => eventFailures);
  telemetry.observeCounter('segue.rows.corrupt', 'Stored rows that could not be decoded.', 'table', () => corrupt);
  rows.observe(telemetry);
  telemetry.observeCounter('segue.cache.failures', 'Failed calls of the cache.', 'cause', () => cache.failures);
  telemetry.observeCounter('segue.exposures.dropped', 'Exposures that were not written.', 'stream', () => ({
    exposures: events.droppedExposures,
  }));
  void firstWorld.promise.then(async () => {
    await warmUp(parts).catch((error: unknown) => {
      log.error({ err: error }, 'warm-up failed: the first requests will be slow');
    });
    readiness.set('warm', true);
  });

  const sweep = isHousekeeper ? setInterval(() => void sweepDaily(store, log), SWEEP_MS).unref() : undefined;

  return {
    recommender: new Recommender(parts),
    recorder: {
      record: (batch, { inTurn }) => {
        const pinned = worlds.pin();
        const { catalogue } = pinned.world;
        const knowsTrack = (trackId: string): boolean => catalogue.ordinalOf(trackId) >= 0;
        return recordEvents(batch, { recorder, knowsTrack, nowMs: CLOCK.wallMs, inTurn }).finally(() => {
          pinned.release();
        });
      },
    },
    close: async () => {
      clearInterval(sweep);
      snapshots.close();
      await worlds.close();
      await rankers.close();
      await recorder.close();
      await cache.close();
      await store.close();
      // The last checkpoint follows what the store flushed.
      await events.close();
      // A thread that is stuck never ends, and an orderly exit would wait for it. What the primary may have handed over meanwhile goes back.
      if (rankers.threadsLeft === 0) return;
      await setTimeout(HAND_BACK_MS);
      process.kill(process.pid, 'SIGKILL');
    },
  };
}

/**
 * Until the store answers, this process is not ready. Live tables are made where they are missing.
 *
 * @throws HopelessError where it is a directory here that cannot be used: unlike a store elsewhere, it does not come back by itself
 */
async function untilStoreAnswers(store: RowStore, { config, place, log }: Composition): Promise<void> {
  const isHopeful = store.driver !== 'lmdb' || place.isReplacement;
  for (let tries = 1; ; tries++) {
    try {
      await createLiveTables(store);
      return;
    } catch (error) {
      if (isHopeful) log.error({ err: error }, 'the row store does not answer; trying again');
      else if (tries === LOCAL_TRIES_MAX) throw directoryError(error, 'dataDir', config.dataDir);
      await setTimeout(STORE_RETRY_MS);
    }
  }
}

async function createLiveTables(store: RowStore): Promise<void> {
  for (const table of LIVE_TABLES) await store.createTable(table);
}

/** Event ids that are remembered against repeats go after a day. */
async function sweepDaily(store: RowStore, log: Log): Promise<void> {
  try {
    log.info({ removed: await sweepRepeats(store, CLOCK.wallMs()) }, 'remembered event ids swept');
  } catch (error) {
    log.error({ err: error }, 'remembered event ids could not be swept; again tomorrow');
  }
}

/** Calls at once, then not again until so many milliseconds have passed. */
function onceEvery(ms: number, run: () => Promise<unknown>): () => void {
  let nextMs = 0;
  return () => {
    const nowMs = CLOCK.monotonicMs();
    if (nowMs < nextMs) return;
    nextMs = nowMs + ms;
    void run();
  };
}

function openLog(config: Config, slot: number, log: Log): Promise<SegmentLog> {
  return openSegmentLog({
    directory: config.events.dir,
    slot,
    nowMs: CLOCK.wallMs,
    segmentBytesMax: config.events.segmentMaxBytes,
    exposuresBytesMax: Math.ceil(config.events.exposuresMaxBytes / (config.processes + SPARE_SLOTS)),
    observer: {
      malformed: (segment) => {
        log.error({ slot, segment }, 'a line of the event log holds no record');
      },
      checkpointFailed: (error) => {
        log.error({ slot, err: error }, 'the checkpoint of the event log could not be written');
      },
    },
  });
}

/** What a crash left in the log goes into the sessions before this process takes events. */
async function replayLogs(
  events: SegmentLog,
  recorder: EventRecorder,
  config: Config,
  { isHousekeeper }: Place,
  log: Log,
): Promise<void> {
  for (;;) {
    try {
      const own = await replay(events, recorder);
      const orphans = isHousekeeper
        ? await replayOrphans(
            await slotsOf(config.events.dir),
            config.processes,
            (other) => openLog(config, other, log).catch(() => undefined),
            recorder,
          )
        : undefined;
      if (own.read > 0 || (orphans?.read ?? 0) > 0) log.info({ own, orphans }, 'event log replayed');
      return;
    } catch (error) {
      log.error({ err: error }, 'the event log could not be replayed; trying again');
      await setTimeout(STORE_RETRY_MS);
    }
  }
}

function openWorlds(config: Config, store: RowStore, log: Log, onLoaded: (world: World) => void): LoadedWorlds {
  return new LoadedWorlds({
    store,
    pollMs: config.worlds.pollMs,
    random: Math.random,
    monotonicMs: CLOCK.monotonicMs,
    observer: {
      loaded: (world, elapsedMs) => {
        log.info({ generation: world.generation, tracks: world.catalogue.count, elapsedMs }, 'world loaded');
        onLoaded(world);
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

/** A world that no bundle was trained on, or a name that no bundle has, is served all the same: whoever runs Segue is told here. */
function sayWithoutRanker(rankers: BundleRankers, world: World, { ranker: name }: Config, log: Log): void {
  const found = rankers.forWorld(world.dataFingerprint, name);
  if ('unavailable' in found)
    log.warn({ ranker: name, reason: found.unavailable }, 'no ranker: the first phase serves');
}

/** Rankers that tell what becomes of their workers, and hear from other processes which models to leave alone. */
async function openRankers({
  config,
  place,
  peers,
  telemetry,
  log,
}: Omit<Composition, 'readiness'>): Promise<BundleRankers> {
  const rankers = await BundleRankers.open({
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
    onLost: (lost) => {
      log.error({ slot: place.slot, ...lost }, 'a ranking worker is lost');
    },
    quarantined: peers.quarantined,
    onQuarantine: (model) => {
      peers.quarantine(model);
    },
    onPoisoned: (reason) => {
      if (peers.askReplacement(reason))
        log.fatal({ reason }, 'ranking workers are stuck: this process asks to be replaced');
      else log.fatal({ reason }, 'ranking workers are stuck: start this process anew when it suits, to be rid of them');
    },
  });
  peers.onQuarantined((models) => {
    for (const model of models) rankers.quarantine(model);
  });
  const outcomes = 'Ranking workers that got stuck or died, and those started in their place.';
  telemetry.observeCounter('segue.ranking.workers', outcomes, 'outcome', () => ({ ...rankers.workerOutcomes }));
  const threads = 'Ranking workers now; a stuck one may keep a core busy until its process ends.';
  telemetry.observeGauge('segue.ranking.threads', threads, '', 'state', () => ({ ...rankers.workerStates }));
  const bundles = 'Bundles of rankers by what became of them.';
  telemetry.observeGauge('segue.ranking.bundles', bundles, '', 'status', () => countsOf(rankers.states()));
  return rankers;
}

function countsOf(states: readonly BundleState[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of states) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
