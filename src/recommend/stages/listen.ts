/** listen: one call reads the listener's batch row and live session. */
import type { Listener } from '../../listeners/listener.js';
import { EventCode } from '../../listeners/listener.js';
import type { Catalogue } from '../../worlds/world.js';
import type { Assigned, Listened } from '../state.js';

export const RECENTS_MAX = 200;

/** Adds the listener, and turns the request's track ids into ordinals. Unknown ids are left out and counted. */
export function listened(state: Assigned, listener: Listener, onUnknownIds: (count: number) => void): Listened {
  const { request, world } = state;
  let unknown = 0;
  const known = (ids: readonly string[]): Uint32Array => {
    const ordinals = new Uint32Array(ids.length);
    let count = 0;
    for (const id of ids) {
      const ordinal = world.catalogue.ordinalOf(id);
      if (ordinal >= 0) ordinals[count++] = ordinal;
      else unknown++;
    }
    return ordinals.subarray(0, count);
  };

  const seed = request.seedTrackId === undefined ? [] : [request.seedTrackId];
  const named = known([...seed, ...request.recentTrackIds]);
  const queued = known(request.queuedTrackIds);
  if (unknown > 0) onUnknownIds(unknown);
  return { ...state, listener, recents: recentsOf(named, listener, world.catalogue), queued };
}

/** What the client named, latest first, then the session's starts that it did not name. */
function recentsOf(named: Uint32Array, listener: Listener, catalogue: Catalogue): Uint32Array {
  const recents = new Uint32Array(RECENTS_MAX);
  let count = 0;
  const seen = new Set<number>();
  for (const ordinal of named) {
    if (count === RECENTS_MAX) break;
    recents[count++] = ordinal;
    seen.add(ordinal);
  }
  const { session } = listener;
  for (let i = session.count - 1; i >= 0 && count < RECENTS_MAX; i--) {
    const ordinal = session.ordinals[i] ?? -1;
    if (session.types[i] !== EventCode.playStarted || ordinal < 0 || ordinal >= catalogue.count) continue;
    if (named.length > 0 && seen.has(ordinal)) continue;
    recents[count++] = ordinal;
  }
  return recents.subarray(0, count);
}
