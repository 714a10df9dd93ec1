/** admit: set the budget's surface, pin the world's view and the seed of a request. */
import type { World } from '../../worlds/world.js';
import type { Admitted } from '../state.js';
import { SURFACE } from '../surfaces.js';
import type { RecommendRequest } from '../types.js';

/** FNV-1a, 32 bits (Fowler, Noll and Vo), over UTF-16 code units. */
export function seedOf(requestId: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < requestId.length; i++) {
    hash = Math.imul(hash ^ requestId.charCodeAt(i), 0x01000193);
  }
  return hash >>> 0;
}

export function admit(request: RecommendRequest, world: World, nowMs: number): Admitted {
  return { request, surface: SURFACE[request.surface], world, nowMs, seed: seedOf(request.requestId) };
}
