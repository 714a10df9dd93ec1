/**
 * Runs the whole way of a request before the first real one, until the engine has compiled what each request runs: without it, a
 * process takes the first seconds of its load at half its speed.
 */
import { decodeListenerRow } from '../listeners/listener-row.js';
import { listenerOf } from '../recommend/store-reads.js';
import { Recommender, type RecommendParts } from '../recommend/recommend.js';
import type { Reads } from '../recommend/reads.js';
import { SURFACES, type Cuts } from '../recommend/types.js';
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
    exposures: { offer: () => true },
    observer: { served: () => undefined, unknownIds: () => undefined, late: () => undefined },
  });
  const untilMs = parts.clock.monotonicMs() + MS_MAX;
  for (let round = 0; round < ROUNDS && parts.clock.monotonicMs() < untilMs; round++) {
    const number = round % LISTENERS;
    const [seedTrackId, ...recentTrackIds] = rows[number].recentTrackIds;
    const request = {
      listenerId: `warm-up-${number}`,
      surface: SURFACES[round % SURFACES.length],
      requestId: `warm-up-${round}`,
      seedTrackId,
      recentTrackIds,
      queuedTrackIds: [],
      contextTrackIds: [],
      allowExplicit: true,
      explain: round % EXPLAINED_EVERY === 0,
    };
    const controller = new AbortController();
    leaving = round % LEFT_EVERY === 0 ? controller : undefined;
    // As from the edge: calls of another shape would be compiled again.
    const context = { receivedAtMs: parts.clock.monotonicMs(), signal: controller.signal };
    await recommender.recommend(request, { ...context, ...cutsOf(round) });
  }
}

function cutsOf(round: number): Cuts {
  if (round % SHED_EVERY === 1) return { shed: { cause: 'overload', detail: 'warm-up' } };
  return round % CUT_EVERY === 2 ? { widthShare: 0.5 } : {};
}

function numberOf(listenerId: string): number {
  return Number(listenerId.slice(listenerId.lastIndexOf('-') + 1));
}
