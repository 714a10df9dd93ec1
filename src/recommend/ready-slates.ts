/**
 * What is popular, in an order that a person may hear, made before it is asked for: for answers that must cost next to nothing.
 * The order does not start from what plays now; all else is as the stages would have it. A request for which that is not
 * enough goes through the stages.
 */
import { blockedOrdinals, NO_BINDINGS, type Bindings } from '../listeners/known-bindings.js';
import { unknownListener } from '../listeners/unknown-listener.js';
import { ATTRIBUTE } from '../worlds/attributes.js';
import { RECORD_FLOATS, type Catalogue, type World } from '../worlds/world.js';
import { popularCandidates, popularList } from './fallback.js';
import type { Assigned } from './state.js';
import { listened } from './stages/listen.js';
import { sequence } from './stages/sequence.js';
import type { Item, RecommendRequest } from './types.js';

/** Tracks of a ready slate: those of a long answer, and spare ones for what its request rules out. */
const READY_TRACKS = 128;
const SOURCES = ['popular'] as const;
/** Beside places in a slate: of one kind with them, as the engine would compile what takes both kinds again and again. */
const NOTHING = -1;

interface ReadySlate {
  readonly items: readonly Item[];
  /** Artist of each track, as the catalogue's attribute. */
  readonly artists: Float32Array;
}

export class ReadySlates {
  /** By surface, variant, market and whether explicit tracks may be in it: few thousand at most, as markets have two letters. */
  private readonly slates = new WeakMap<World, Map<string, ReadySlate>>();

  /**
   * The items of an answer; undefined where the stages have to make it.
   *
   * @param bindings what is known to bind for the listener
   */
  itemsFor(assigned: Assigned, bindings: Bindings = NO_BINDINGS): Item[] | undefined {
    const { request, surface, world } = assigned;
    const limit = request.limit ?? surface.limitDefault;
    if (request.explain || request.contextTrackIds.length > 0 || limit > READY_TRACKS) return undefined;
    const { items: ready, artists } = this.slateFor(assigned);
    const excluded = new Set(request.recentTrackIds);
    for (const id of request.queuedTrackIds) excluded.add(id);
    if (request.seedTrackId !== undefined) excluded.add(request.seedTrackId);
    const { started, hidden } = bindings;
    for (const id of started) excluded.add(id);
    const blocked = blockedOrdinals(bindings, world.catalogue);
    const isRuledOut = (i: number): boolean => {
      const { trackId } = ready[i];
      return excluded.has(trackId) || hidden.has(trackId) || blocked.has(artists[i]);
    };

    const { artistSpacing } = surface.sequence;
    const items: Item[] = [];
    // Artists: of what plays now, and of each item.
    const played = new Float32Array(limit + 1);
    played[0] = artistPlaying(request, bindings, world.catalogue);
    const mayFollow = (i: number): boolean => {
      const before = played.lastIndexOf(artists[i], items.length);
      return before < 0 || items.length + 1 - before > artistSpacing;
    };
    // What is left out, or plays now, may bring two tracks of an artist too near to each other: the second one waits.
    const held: number[] = [];
    let next = 0;
    while (items.length < limit) {
      const waiting = held.findIndex(mayFollow);
      let chosen = NOTHING;
      if (waiting >= 0) {
        chosen = held[waiting];
        held.splice(waiting, 1);
      }
      for (; chosen === NOTHING && next < ready.length; next++) {
        if (isRuledOut(next)) continue;
        if (mayFollow(next)) chosen = next;
        else held.push(next);
      }
      if (chosen === NOTHING) return undefined;
      played[items.length + 1] = artists[chosen];
      items.push({ ...ready[chosen], position: items.length });
    }
    return items;
  }

  private slateFor(assigned: Assigned): ReadySlate {
    const { request, variant, world } = assigned;
    let ofWorld = this.slates.get(world);
    if (ofWorld === undefined) {
      ofWorld = new Map();
      this.slates.set(world, ofWorld);
    }
    const key = `${request.surface} ${variant.name} ${request.market ?? ''} ${String(request.allowExplicit)}`;
    let slate = ofWorld.get(key);
    if (slate === undefined) {
      slate = makeSlate(assigned);
      ofWorld.set(key, slate);
    }
    return slate;
  }
}

/** For a listener of whom nothing is known and who has heard nothing. */
function makeSlate(assigned: Assigned): ReadySlate {
  const { listenerId, requestId, surface, market, allowExplicit, explain, contextTrackIds } = assigned.request;
  const request: RecommendRequest = {
    listenerId,
    requestId,
    surface,
    ...(market === undefined ? {} : { market }),
    allowExplicit,
    explain,
    contextTrackIds,
    recentTrackIds: [],
    queuedTrackIds: [],
    limit: READY_TRACKS,
  };
  const state = listened({ ...assigned, request }, unknownListener(request.listenerId), () => undefined);
  const { catalogue } = state.world;
  const ranked = popularList(popularCandidates(state));
  const { order } = sequence({
    ranked,
    catalogue,
    policy: state.surface.sequence,
    weights: state.variant.parameters.sequence,
    playing: undefined,
    limit: READY_TRACKS,
    seed: 0,
    contextLength: 0,
    explain: false,
  });
  const ordinals = Array.from(order, (index) => ranked.ordinals[index] ?? 0);
  return {
    items: ordinals.map((ordinal, position) => ({
      trackId: catalogue.idOf(ordinal),
      position,
      score: ranked.scores[order[position]] ?? 0,
      sources: SOURCES,
    })),
    artists: Float32Array.from(ordinals, (ordinal) => artistOf(ordinal, catalogue)),
  };
}

/** NaN where nothing plays, or nobody knows whose it is. */
function artistPlaying(
  { seedTrackId, recentTrackIds }: RecommendRequest,
  { started }: Bindings,
  catalogue: Catalogue,
): number {
  let ordinal = seedTrackId === undefined ? -1 : catalogue.ordinalOf(seedTrackId);
  for (const ids of [recentTrackIds, started]) {
    for (let i = 0; ordinal < 0 && i < ids.length; i++) ordinal = catalogue.ordinalOf(ids[i]);
  }
  return ordinal < 0 ? NaN : artistOf(ordinal, catalogue);
}

function artistOf(ordinal: number, { floats }: Catalogue): number {
  return floats[ordinal * RECORD_FLOATS + ATTRIBUTE.artist] ?? NaN;
}
