/** retrieve: all sources of the surface at once, merged by ordinal; every source of a track is remembered. */
import { CandidateSet, SOURCE_INDEX } from '../../features/candidates.js';
import { OrdinalSums } from '../../features/ordinal-sums.js';
import { eligible } from '../../promotion/snapshot.js';
import type { PromotionSnapshot } from '../../gen/segue/rows/v1/rows_pb.js';
import type { World } from '../../worlds/world.js';
import { fallingOrder } from '../falling-order.js';
import type { Listened, Retrieved } from '../state.js';

/** What the store call of this stage brought; a missing part was late, down or not there. */
export interface RetrievedRows {
  /** One list for each of the first `neighbourSeeds` recents, in their order. */
  readonly neighbours: readonly (OrdinalScores | undefined)[];
  readonly context: Uint32Array | undefined;
}

export interface OrdinalScores {
  readonly ordinals: Uint32Array;
  readonly scores: Float32Array;
}

/** Weight of the neighbours of the track played i tracks ago. */
export const NEIGHBOUR_DECAY = 0.7;

/**
 * Merges what arrived. Pure: the same rows give the same candidates in the same order.
 *
 * @param candidates whose memory the request works in; emptied first
 */
export function retrieve(
  state: Listened,
  rows: RetrievedRows,
  snapshot: PromotionSnapshot | undefined,
  candidates: CandidateSet = new CandidateSet(),
): Retrieved {
  const { request, surface, world, listener } = state;
  const { quotas } = surface;
  const context = request.contextTrackIds.length > 0 ? ordinalsOf(request.contextTrackIds, world) : rows.context;
  const neighbours = sumNeighbours(rows.neighbours, world.catalogue);

  candidates.begin(
    quotas.neighbours + quotas.pool + quotas.context + quotas.promoted + quotas.popular,
    world.catalogue,
  );
  if (context !== undefined) addContext(candidates, context, quotas.context, state.seed);
  addList(candidates, SOURCE_INDEX.neighbours, neighbours, quotas.neighbours);
  if (listener.row !== undefined) addPool(candidates, listener.row.pool, quotas.pool);
  const promotions = eligible(snapshot, { market: request.market, surface: surface.name, nowMs: state.nowMs });
  addPromoted(candidates, promotions.promoted, quotas.promoted, world);
  addList(candidates, SOURCE_INDEX.popular, world.popular(request.market), quotas.popular);
  const following = rows.neighbours.at(0);
  if (following !== undefined) {
    const { ordinals, scores } = following;
    for (let i = 0; i < ordinals.length; i++) candidates.addSeedScore(ordinals[i], scores[i]);
  }
  return { ...state, candidates: candidates.done(world.catalogue), context: context ?? NO_TRACKS, promotions };
}

const NO_TRACKS = new Uint32Array(0);

/** Known tracks of a list of ids, in its order. */
export function ordinalsOf(trackIds: readonly string[], world: World): Uint32Array {
  const ordinals = new Uint32Array(trackIds.length);
  let count = 0;
  for (const id of trackIds) {
    const ordinal = world.catalogue.ordinalOf(id);
    if (ordinal >= 0) ordinals[count++] = ordinal;
  }
  return ordinals.subarray(0, count);
}

function addList(candidates: CandidateSet, source: number, { ordinals, scores }: OrdinalScores, quota: number): void {
  const count = Math.min(ordinals.length, quota);
  for (let rank = 0; rank < count; rank++) candidates.add(ordinals[rank], source, scores[rank], rank);
}

/** A context longer than the quota is sampled by an even stride from a seeded start, so that each request sees another part. */
function addContext(candidates: CandidateSet, context: Uint32Array, quota: number, seed: number): void {
  const count = Math.min(context.length, quota);
  if (count === 0) return;
  const stride = context.length / count;
  const start = context.length > count ? seed % context.length : 0;
  for (let i = 0; i < count; i++) {
    const position = (start + Math.floor(i * stride)) % context.length;
    candidates.add(context[position], SOURCE_INDEX.context, 1, position);
  }
}

/** Takes the pool's lists in turn, one track each, until the quota is reached. */
function addPool(candidates: CandidateSet, lists: readonly OrdinalScores[], quota: number): void {
  let taken = 0;
  const longest = lists.reduce((most, list) => Math.max(most, list.ordinals.length), 0);
  for (let rank = 0; rank < longest && taken < quota; rank++) {
    for (const list of lists) {
      if (rank >= list.ordinals.length || taken === quota) continue;
      candidates.add(list.ordinals[rank], SOURCE_INDEX.pool, list.scores[rank], rank);
      taken++;
    }
  }
}

function addPromoted(
  candidates: CandidateSet,
  promoted: readonly { readonly trackId: string; readonly boost: number }[],
  quota: number,
  world: World,
): void {
  promoted.slice(0, quota).forEach(({ trackId, boost }, rank) => {
    const ordinal = world.catalogue.ordinalOf(trackId);
    if (ordinal >= 0) candidates.add(ordinal, SOURCE_INDEX.promoted, boost, rank);
  });
}

const sums = new OrdinalSums();

/** Sums what follows each of the recent tracks, less for those longer ago, by falling sum, ties by first mention. Valid until the next call. */
export function sumNeighbours(
  lists: readonly (OrdinalScores | undefined)[],
  catalogue: { readonly count: number },
): OrdinalScores {
  sums.begin(catalogue);
  let weight = 1;
  for (const list of lists) {
    if (list !== undefined) sums.add(list.ordinals, list.scores, weight);
    weight *= NEIGHBOUR_DECAY;
  }
  const totals = sums.end();
  const order = fallingOrder(totals, sums.order);
  const ordinals = sums.orderedOrdinals.subarray(0, order.length);
  const scores = sums.orderedSums.subarray(0, order.length);
  for (let i = 0; i < order.length; i++) {
    ordinals[i] = sums.ordinals[order[i]];
    scores[i] = totals[order[i]];
  }
  return { ordinals, scores };
}
