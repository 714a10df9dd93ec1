/** retrieve: all sources of the surface at once, merged by ordinal; every source of a track is remembered. */
import { CandidateSet, slotIndexOf, SOURCES, type Source } from '../../features/candidates.js';
import { eligible } from '../../promotion/snapshot.js';
import type { PromotionSnapshot } from '../../gen/segue/rows/v1/rows_pb.js';
import type { World } from '../../worlds/world.js';
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

const SOURCE_INDEX = Object.fromEntries(SOURCES.map((name, index) => [name, index])) as Readonly<
  Record<Source, number>
>;

/** Merges what arrived. Pure: the same rows give the same candidates in the same order. */
export function retrieve(state: Listened, rows: RetrievedRows, snapshot: PromotionSnapshot | undefined): Retrieved {
  const { request, surface, world, listener } = state;
  const { neighbours, pool, context: own, promoted, popular } = surface.quotas;
  const capacity = neighbours + pool + own + promoted + popular;
  const candidates = new CandidateSet(capacity, slotIndexOf(world.catalogue));
  const context = request.contextTrackIds.length > 0 ? ordinalsOf(request.contextTrackIds, world) : rows.context;

  addContext(candidates, context ?? new Uint32Array(0), surface.quotas.context, state.seed);
  addList(candidates, 'neighbours', sumNeighbours(rows.neighbours), surface.quotas.neighbours);
  addPool(candidates, listener.row?.pool ?? [], surface.quotas.pool);
  const promotions = eligible(snapshot, { market: request.market, surface: surface.name, nowMs: state.nowMs });
  addPromoted(candidates, promotions.promoted, surface.quotas.promoted, world);
  addList(candidates, 'popular', world.popular(request.market), surface.quotas.popular);
  const [following] = rows.neighbours;
  following?.ordinals.forEach((ordinal, i) => {
    candidates.addSeedScore(ordinal, following.scores[i] ?? NaN);
  });
  return { ...state, candidates: candidates.done(), context: context ?? new Uint32Array(0), promotions };
}

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

function addList(candidates: CandidateSet, source: Source, list: OrdinalScores, quota: number): void {
  const index = SOURCE_INDEX[source];
  const count = Math.min(list.ordinals.length, quota);
  for (let rank = 0; rank < count; rank++) {
    candidates.add(list.ordinals[rank] ?? 0, index, list.scores[rank] ?? NaN, rank);
  }
}

/** A context longer than the quota is sampled by an even stride from a seeded start, so that each request sees another part. */
function addContext(candidates: CandidateSet, context: Uint32Array, quota: number, seed: number): void {
  const count = Math.min(context.length, quota);
  if (count === 0) return;
  const stride = context.length / count;
  const start = context.length > count ? seed % context.length : 0;
  for (let i = 0; i < count; i++) {
    const position = (start + Math.floor(i * stride)) % context.length;
    candidates.add(context[position] ?? 0, SOURCE_INDEX.context, 1, position);
  }
}

/** Takes the pool's lists in turn, one track each, until the quota is reached. */
function addPool(candidates: CandidateSet, lists: readonly OrdinalScores[], quota: number): void {
  let taken = 0;
  const longest = lists.reduce((most, list) => Math.max(most, list.ordinals.length), 0);
  for (let rank = 0; rank < longest && taken < quota; rank++) {
    for (const list of lists) {
      if (rank >= list.ordinals.length || taken === quota) continue;
      candidates.add(list.ordinals[rank] ?? 0, SOURCE_INDEX.pool, list.scores[rank] ?? NaN, rank);
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

/** Sums what follows each of the recent tracks, less for those longer ago, by falling sum, ties by ordinal. */
export function sumNeighbours(lists: readonly (OrdinalScores | undefined)[]): OrdinalScores {
  const sums = new Map<number, number>();
  let weight = 1;
  for (const list of lists) {
    if (list !== undefined) {
      for (let i = 0; i < list.ordinals.length; i++) {
        const ordinal = list.ordinals[i] ?? 0;
        sums.set(ordinal, (sums.get(ordinal) ?? 0) + weight * (list.scores[i] ?? 0));
      }
    }
    weight *= NEIGHBOUR_DECAY;
  }
  const entries = [...sums].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  const ordinals = new Uint32Array(entries.length);
  const scores = new Float32Array(entries.length);
  entries.forEach(([ordinal, score], i) => {
    ordinals[i] = ordinal;
    scores[i] = score;
  });
  return { ordinals, scores };
}
