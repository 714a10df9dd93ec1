/**
 * Runs the whole way of a request before the first real one, until the engine has compiled what each request runs: without it, a
 * process takes the first seconds of its load at half its speed.
 */
import { Arrivals } from '../api/arrivals.js';
import { Admission } from '../api/admission/admission.js';
import type { Client } from '../api/clients.js';
import { withCuts } from '../api/handlers.js';
import { parseRecommend } from '../api/parse-recommend.js';
import type { Cache } from '../cache/cache.js';
import { createNoCache } from '../cache/switched-off.js';
import { decodeListenerRow } from '../listeners/listener-row.js';
import { listenerOf } from '../recommend/store-reads.js';
import { Recommender, type RecommendParts } from '../recommend/recommend.js';
import type { Reads } from '../recommend/reads.js';
import { SURFACES, type Cuts, type RecommendRequest, type RecommendResponse } from '../recommend/types.js';
import { madeUpRows } from './made-up-listener.js';

/** Requests; fewer where they take longer than `MS_MAX` in all. */
const ROUNDS = 900;
const MS_MAX = 1500;
const LISTENERS = 16;
/** One in so many is explained, one is answered without work, one is ranked at half of the width, and one is left by its client. */
const EXPLAINED_EVERY = 16;
const SHED_EVERY = 3;
const CUT_EVERY = 4;
const LEFT_EVERY = 17;
/** Now and then come more at once than can be ranked in time, as in an overload. */
const BURST_EVERY = 100;
const BURST = 200;
const BURST_BUDGET_MS = 50;
const EVERYBODY: Client = { name: 'warm-up', class: 'standard', rate: undefined, concurrencyShare: 1 };

/** Every request is ranked, and nothing is written to where other processes would find it. */
const FORGETFUL: Cache = { ...createNoCache(), driver: 'memory' };

/** Serves made-up listeners; leaves no exposures, no metrics and nothing in the cache. */
export async function warmUp(parts: RecommendParts): Promise<void> {
  const catalogue = parts.worlds.current?.catalogue;
  if (catalogue === undefined) return;
  const rows = Array.from({ length: LISTENERS }, (_, number) => madeUpRows(catalogue, number));
  const reads: Reads = {
    listener: async (world, listenerId, options) => {
      await parts.reads.listener(world, listenerId, options);
      const { batch, session } = rows[numberOf(listenerId)];
      return listenerOf(listenerId, decodeListenerRow(batch, world.catalogue), session, world);
    },
    bindings: (listenerId) => parts.reads.bindings(listenerId),
    related: (world, seeds, contextId, options) => {
      const rows = parts.reads.related(world, seeds, contextId, options);
      leaving?.abort();
      return rows;
    },
  };
  let leaving: AbortController | undefined;
  const recommender = new Recommender({
    ...parts,
    reads,
    cache: FORGETFUL,
    exposures: { offer: () => true },
    observer: { served: () => undefined, unknownIds: () => undefined, late: () => undefined },
  });
  const requestOf = (round: number): RecommendRequest => {
    const number = round % LISTENERS;
    const [seedTrackId, ...recentTrackIds] = rows[number].recentTrackIds;
    const body = {
      listenerId: `warm-up-${number}`,
      surface: SURFACES[round % SURFACES.length],
      requestId: `warm-up-${round}`,
      seedTrackId,
      recentTrackIds,
      explain: round % EXPLAINED_EVERY === 0,
    };
    return parseRecommend(body, () => 'warm-up');
  };

  const admission = new Admission<RecommendResponse>({
    nowMs: parts.clock.monotonicMs,
    random: () => 0,
    utilization: () => 1,
    observer: { started: () => undefined, shed: () => undefined, refused: () => undefined },
  });
  const arrivals = new Arrivals(parts.clock.monotonicMs);
  const { signal } = new AbortController();
  const burst = async (): Promise<void> => {
    leaving = undefined;
    const answers = Array.from({ length: BURST }, (_, round) => {
      const arrival = arrivals.next();
      const context = { receivedAtMs: arrival.receivedAtMs, signal };
      return admission.admit({
        client: EVERYBODY,
        arrival,
        deadlineMs: arrival.receivedAtMs + BURST_BUDGET_MS,
        signal,
        run: (cuts) => recommender.recommend(requestOf(round), withCuts(context, cuts)),
        gaveUp: () => false,
      });
    });
    await Promise.allSettled(answers);
  };

  const untilMs = parts.clock.monotonicMs() + MS_MAX;
  for (let round = 0; round < ROUNDS && parts.clock.monotonicMs() < untilMs; round++) {
    const controller = new AbortController();
    leaving = round % LEFT_EVERY === 0 ? controller : undefined;
    await recommender.recommend(
      requestOf(round),
      withCuts({ receivedAtMs: parts.clock.monotonicMs(), signal: controller.signal }, cutsOf(round)),
    );
    if (round % BURST_EVERY === 0) await burst();
  }
}

function cutsOf(round: number): Cuts {
  if (round % SHED_EVERY === 1) return { shed: { cause: 'overload', detail: 'warm-up' } };
  return round % CUT_EVERY === 2 ? { widthShare: 0.5 } : {};
}

function numberOf(listenerId: string): number {
  return Number(listenerId.slice(listenerId.lastIndexOf('-') + 1));
}
