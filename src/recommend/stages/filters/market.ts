/** Tracks that may not be served in the request's market. */
import type { Rule } from './rule.js';

export const market: Rule = {
  name: 'market',
  apply({ request, world, candidates: { ordinals } }, removal) {
    const name = request.market;
    if (name === undefined) return;
    for (let slot = 0; slot < removal.count; slot++) {
      if (!world.catalogue.admits(ordinals[slot], name)) removal.slot(slot);
    }
  },
};
