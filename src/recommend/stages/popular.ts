/** The last level: popular in the market, or the request's own context, filtered by what is known; no store, no ranker. */
import { CandidateSet, slotIndexOf, SOURCE_BIT } from '../../features/candidates.js';
import type { Filtered, Listened, RankedList } from '../state.js';
import { NO_PROMOTIONS } from '../../promotion/snapshot.js';
import { BINDING_RULES, filter, RULES } from './filter.js';
import { ordinalsOf } from './retrieve.js';

/** Tracks of the context that are looked at. */
const CONTEXT_MAX = 500;
const CONTEXT = 2;
const POPULAR = 4;

/** What is left of the context and the popular list after the filters; of the whole catalogue when those leave nothing. */
export function popularCandidates(state: Listened): Filtered {
  const { world, request } = state;
  const context = ordinalsOf(request.contextTrackIds.slice(0, CONTEXT_MAX), world);
  const popular = world.popular(request.market);
  // Twice what is excluded and wanted: enough for a full slate whatever the rules remove.
  const enough = 2 * (state.recents.length + state.queued.length + (request.limit ?? state.surface.limitDefault)) + 100;
  const list = candidatesOf(state, context, popular.ordinals.subarray(0, enough), popular.scores);
  const filtered = filter(list, RULES);
  if (filtered.kept.length > 0) return filtered;
  return catalogueCandidates(state, context);
}

/** The first tracks of the catalogue, by falling popularity, that no binding rule removes. */
function catalogueCandidates(state: Listened, context: Uint32Array): Filtered {
  const step = 4_096 - CONTEXT_MAX;
  const { count } = state.world.catalogue;
  let last: Filtered | undefined;
  for (let from = 0; from < count; from += step) {
    const ordinals = Uint32Array.from({ length: Math.min(step, count - from) }, (_, i) => from + i);
    last = filter(candidatesOf(state, context, ordinals, new Float32Array(0)), BINDING_RULES);
    if (last.kept.length > 0) break;
  }
  return last ?? filter(candidatesOf(state, context, new Uint32Array(0), new Float32Array(0)), BINDING_RULES);
}

function candidatesOf(state: Listened, context: Uint32Array, ordinals: Uint32Array, scores: Float32Array): Parameters<typeof filter>[0] {
  const candidates = new CandidateSet(context.length + ordinals.length, slotIndexOf(state.world.catalogue));
  context.forEach((ordinal, rank) => candidates.add(ordinal, CONTEXT, 1, rank));
  ordinals.forEach((ordinal, rank) => candidates.add(ordinal, POPULAR, scores[rank] ?? 0, rank));
  return { ...state, candidates: candidates.done(), context, promotions: NO_PROMOTIONS };
}

/** The kept candidates in their own order: context first, then by falling popularity. */
export function popularList(state: Filtered): RankedList {
  const { candidates, kept } = state;
  const count = kept.length;
  const list = {
    ordinals: new Uint32Array(count),
    scores: new Float32Array(count),
    utilities: new Float32Array(count),
    sources: new Uint8Array(count),
    ranker: 'popular',
  };
  for (let i = 0; i < count; i++) {
    const slot = kept[i] ?? 0;
    const score = 1 / (1 + i);
    list.ordinals[i] = candidates.ordinals[slot] ?? 0;
    list.sources[i] = candidates.sources[slot] ?? SOURCE_BIT.popular;
    list.scores[i] = score;
    list.utilities[i] = score;
  }
  return list;
}
