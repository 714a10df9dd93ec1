/** What the ranker would have seen before a play: the stages of a request up to the shortlist, the very functions that serve. */
import type { Listener } from '../listeners/listener.js';
import { relaxed } from '../recommend/fallback.js';
import { admit } from '../recommend/stages/admit.js';
import { assign } from '../recommend/stages/assign.js';
import { filter } from '../recommend/stages/filter.js';
import { listened } from '../recommend/stages/listen.js';
import { shortlist, type Shortlist } from '../recommend/stages/rank.js';
import { retrieve } from '../recommend/stages/retrieve.js';
import type { Reads } from '../recommend/reads.js';
import type { RecommendRequest, SurfaceName } from '../recommend/types.js';
import type { World } from '../worlds/world.js';
import type { Play } from './play.js';

export interface Replayed {
  readonly world: World;
  readonly surface: SurfaceName;
  readonly width: number;
  readonly reads: Pick<Reads, 'related'>;
}

/** The request that a client would have sent before the play: it knows the time, the market and the context, not the track. */
export function requestBefore(play: Play, index: number, surface: SurfaceName): RecommendRequest {
  return {
    listenerId: play.listenerId,
    surface,
    requestId: `replay-${play.listenerId}-${index}`,
    recentTrackIds: [],
    queuedTrackIds: [],
    contextTrackIds: [],
    allowExplicit: true,
    explain: false,
    ...(play.market === '' ? {} : { market: play.market }),
    ...(play.contextId === '' ? {} : { contextId: play.contextId }),
  };
}

/** @param listener as of the moment before the play */
export async function shortlistBefore(
  play: Play,
  index: number,
  nowMs: number,
  listener: Listener,
  { world, surface, width, reads }: Replayed,
): Promise<Shortlist> {
  const request = requestBefore(play, index, surface);
  const assigned = assign(admit(request, world, nowMs), '');
  const state = listened(assigned, listener, ignored);
  const seeds = state.recents.subarray(0, state.surface.neighbourSeeds);
  const rows = await reads.related(world, seeds, request.contextId, {});
  return shortlist(relaxed(filter(retrieve(state, rows, undefined))), width);
}

/** Ids that the world does not know: the export counts them by itself. */
function ignored(): void {
  return;
}
