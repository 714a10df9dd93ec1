/** Where the recipe wants discoveries, a suggestion is a track never heard; tracks of the context are no suggestions. */
import { SOURCE_BIT } from '../../../features/candidates.js';
import type { Rule } from './rule.js';

export const alreadyHeard: Rule = {
  name: 'already-heard',
  apply({ surface, listener, candidates, world, context }, removal) {
    const heard = listener.row?.heard;
    if (!surface.filters.discoveriesOnly || heard === undefined || context.length === 0) return;
    const { ordinals, sources } = candidates;
    for (let slot = 0; slot < removal.count; slot++) {
      if ((sources[slot] & SOURCE_BIT.context) !== 0 || !removal.keeps(slot)) continue;
      if (heard.has(world.catalogue.idOf(ordinals[slot]))) removal.slot(slot);
    }
  },
};
