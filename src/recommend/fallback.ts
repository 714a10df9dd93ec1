/**
 * Where a list comes from when the stages before could not give one: the last ranked list, or what is popular in the market
 * and the request's own context. Filtered by what is known; no store, no ranker.
 */
import { CandidateSet, SOURCE_BIT } from '../features/candidates.js';
import { NO_PROMOTIONS } from '../promotion/snapshot.js';
import { admissibleIn } from './admissible.js';
import type { Filtered, Listened, RankedList, Retrieved } from './state.js';
import { BINDING_RULES, filter, RULES } from './stages/filter.js';
import { ordinalsOf } from './stages/retrieve.js';

/** Tracks of the context that are looked at. */
const CONTEXT_MAX = 500;
/** Tracks beyond those of the slate, for the order to choose from. */
const SPARE = 8;
/** Tracks of the catalogue that are looked at together. */
const STEP = 4_096 - CONTEXT_MAX;
const CONTEXT = 2;
const POPULAR = 4;

/**
 * Enough for the slate: where the rules leave less than it, only the binding ones count, and where those leave nothing, what is
 * popular is added.
 */
export function relaxed(filtered: Filtered): Filtered {
  const limit = filtered.request.limit ?? filtered.surface.limitDefault;
  if (filtered.kept.length >= limit) return filtered;
  const bound = filter(filtered, BINDING_RULES);
  if (bound.kept.length >= limit) return bound;
  const popular = popularCandidates(filtered);
  return popular.kept.length > bound.kept.length ? { ...popular, promotions: filtered.promotions } : bound;
}

/** The last ranked list, filtered by what is known now; entries keep their scores and order. */
export function filterList(state: Listened, list: RankedList): RankedList {
  const { world } = state;
  const candidates = new CandidateSet().begin(list.ordinals.length, world.catalogue);
  for (let i = 0; i < list.ordinals.length; i++) {
    const bits = list.sources[i] ?? 0;
    candidates.add(list.ordinals[i] ?? 0, (bits & SOURCE_BIT.context) === 0 ? POPULAR : CONTEXT, 0, i);
  }
  const retrieved: Retrieved = {
    ...state,
    candidates: candidates.done(world.catalogue),
    context: NONE,
    promotions: NO_PROMOTIONS,
  };
  const all = filter(retrieved);
  const { kept } = all.kept.length > 0 ? all : filter(retrieved, BINDING_RULES);
  return {
    ordinals: kept.map((slot) => list.ordinals[slot] ?? 0),
    scores: Float32Array.from(kept, (slot) => list.scores[slot] ?? 0),
    utilities: Float32Array.from(kept, (slot) => list.utilities[slot] ?? 0),
    sources: Uint8Array.from(kept, (slot) => list.sources[slot] ?? 0),
    ranker: list.ranker,
  };
}

const NONE = new Uint32Array(0);
const NO_SCORES = new Float32Array(0);

/**
 * What is left of the context and the popular list after the filters; of the whole catalogue when those leave nothing. Looks at
 * few tracks first, as this is what is served when there is no time, and at more only where the rules leave too few of them.
 */
export function popularCandidates(state: Listened, memory = new CandidateSet()): Filtered {
  const { world, request } = state;
  const context = ordinalsOf(request.contextTrackIds.slice(0, CONTEXT_MAX), world);
  const { ordinals, scores } = world.popular(request.market);
  const limit = request.limit ?? state.surface.limitDefault;
  const recent = Math.min(state.recents.length, state.surface.filters.repeatGapPlays);
  for (let looked = limit + recent + SPARE; ; looked *= 4) {
    const filtered = filter(candidatesOf(state, memory, context, ordinals.subarray(0, looked), scores), RULES);
    if (filtered.kept.length >= limit || looked >= ordinals.length) {
      return filtered.kept.length > 0 ? filtered : catalogueCandidates(state, memory, context);
    }
  }
}

/**
 * The first tracks of the catalogue, by falling popularity, that no binding rule removes. What the market and the client rule out
 * is known from before; further than that is looked only for a listener who ruled out all the rest.
 */
function catalogueCandidates(state: Listened, memory: CandidateSet, context: Uint32Array): Filtered {
  const { ordinals, next } = admissibleIn(state.world, state.request);
  let found = filter(candidatesOf(state, memory, context, ordinals, NO_SCORES), BINDING_RULES);
  const { count } = state.world.catalogue;
  for (let from = next; found.kept.length === 0 && from < count; from += STEP) {
    const step = Uint32Array.from({ length: Math.min(STEP, count - from) }, (_, i) => from + i);
    found = filter(candidatesOf(state, memory, context, step, NO_SCORES), BINDING_RULES);
  }
  return found;
}

function candidatesOf(
  state: Listened,
  memory: CandidateSet,
  context: Uint32Array,
  ordinals: Uint32Array,
  scores: Float32Array,
): Parameters<typeof filter>[0] {
  const candidates = memory.begin(context.length + ordinals.length, state.world.catalogue);
  context.forEach((ordinal, rank) => candidates.add(ordinal, CONTEXT, 1, rank));
  ordinals.forEach((ordinal, rank) => candidates.add(ordinal, POPULAR, scores[rank] ?? 0, rank));
  return { ...state, candidates: candidates.done(state.world.catalogue), context, promotions: NO_PROMOTIONS };
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
