/** One serving process, from boot to drained. */
import { randomUUID } from 'node:crypto';
import { Arrivals } from '../api/arrivals.js';
import { logGrpcTo } from '../api/grpc/grpc-log.js';
import { Readiness, READY_PARTS } from '../api/readiness.js';
import type { Composition, Parts } from '../app.module.js';
import type { Config, Place } from '../config.js';
import { SegueError } from '../errors.js';
import { createLog, type Log } from '../log.js';
import { Telemetry } from '../telemetry.js';
import type { Snapshot } from '../telemetry/snapshot.js';
import { lowerEngineThreads } from './engine-threads.js';
import { reportLoad } from './load-reports.js';
import { EARLY_SLOT } from './messages.js';
import { NO_PEERS, peersThrough } from './peers.js';
import { scrapeAlone, scrapeThrough, type Channel } from './scrape.js';
import { Servers, type Ports } from './servers.js';

export type Compose = (composition: Composition) => Promise<Parts>;

export interface ServingProcess {
  readonly log: Log;
  /** Settles when this process may be sent requests. */
  readonly ready: Promise<Ports>;
  /** Finishes what runs, within the configured time, and closes all. True when all of it finished. */
  drain(): Promise<boolean>;
}

/**
 * Of compiling and collecting, once requests are served: at the priority of the serving threads, all of which may be busy, it takes their
 * cores for 20 to 30 ms at a time. At 19 a collection, which waits for them, stops a serving thread for 100 ms (docs/DECISIONS.md).
 */
const ENGINE_NICENESS = 10;

const CLOCK = { monotonicMs: () => performance.now(), wallMs: () => Date.now() };

function whenReady(readiness: Readiness): Promise<void> {
  return new Promise((resolve) => {
    readiness.watch((ready) => {
      if (ready) resolve();
    });
  });
}

function stepAside(log: Log): void {
  try {
    lowerEngineThreads(ENGINE_NICENESS);
  } catch (err) {
    log.warn({ err }, 'the engine keeps its priority: an overload may cost more answers their time');
  }
}

/**
 * Starts to serve. The first process of a cluster listens at once, so that its probes can say what is missing; the others once they
 * are ready and the first is too: all share the port, and requests go to whoever listens.
 *
 * @param channel to the primary, where there is one
 */
export async function startServing(
  config: Config,
  place: Place,
  compose: Compose,
  channel: Channel | undefined,
): Promise<ServingProcess> {
  const { slot, isReplacement } = place;
  const peers = channel === undefined ? NO_PEERS : peersThrough(channel);
  const log = createLog(config.log.level, slot);
  logGrpcTo(log);
  const telemetry = await Telemetry.start({
    process: slot,
    sampleRatio: config.trace.sampleRatio,
    log,
    random: Math.random,
  });
  const readiness = new Readiness(READY_PARTS);
  const snapshot = (): Promise<Snapshot> => telemetry.snapshot();
  let parts: Parts | undefined;
  const composed = (): Parts => {
    if (parts !== undefined) return parts;
    throw new SegueError('SEGUE_UNAVAILABLE', `starting; not ready yet: ${readiness.missing.join(', ')}`);
  };
  const servers = await Servers.create(config, {
    recommender: { recommend: async (request, context) => composed().recommender.recommend(request, context) },
    recorder: { record: async (batch, context) => composed().recorder.record(batch, context) },
    telemetry,
    log,
    newRequestId: randomUUID,
    readiness,
    scrape: channel === undefined ? () => scrapeAlone(snapshot, slot) : scrapeThrough(channel, snapshot),
    random: Math.random,
    arrivals: new Arrivals(CLOCK.monotonicMs),
    clock: CLOCK,
  });

  const listensAtOnce = slot === EARLY_SLOT && !isReplacement;
  const early = listensAtOnce ? await servers.listen() : undefined;
  let stopReports = (): void => undefined;
  const ready = (async (): Promise<Ports> => {
    parts = await compose({ config, place, peers, telemetry, readiness, log });
    await whenReady(readiness);
    stepAside(log);
    if (early === undefined) await peers.mayListen;
    const ports = early ?? (await servers.listen());
    if (channel !== undefined) stopReports = reportLoad(channel, servers);
    return ports;
  })();

  return {
    log,
    ready,
    drain: async () => {
      stopReports();
      const finished = await servers.drain(config.drainTimeoutMs);
      await parts?.close();
      await telemetry.close();
      return finished;
    },
  };
}
