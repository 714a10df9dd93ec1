/** Where the recipe wants discoveries, a suggestion is a track never heard; tracks of the context are no suggestions. */
import { SOURCE_BIT } from '../../../features/candidates.js';
import type { Rule } from './rule.js';

export const alreadyHeard: Rule = {
  name: 'already-heard',
  removes({ surface, listener, candidates, world, context }) {
    const heard = listener.row?.heard;
    if (!surface.filters.discoveriesOnly || heard === undefined || context.length === 0) return undefined;
    return (slot, ordinal) =>
      ((candidates.sources[slot] ?? 0) & SOURCE_BIT.context) === 0 && heard.has(world.catalogue.idOf(ordinal));
  },
};
