/** Explicit tracks, where the client does not allow them. A track without the attribute counts as clean. */
import { ATTRIBUTE } from '../../../worlds/attributes.js';
import { RECORD_FLOATS, type Catalogue } from '../../../worlds/world.js';
import type { Rule } from './rule.js';

export const explicit: Rule = {
  name: 'explicit',
  apply({ request, candidates: { ordinals }, world }, removal) {
    if (request.allowExplicit) return;
    for (let slot = 0; slot < removal.count; slot++) {
      if (isExplicit(world.catalogue, ordinals[slot])) removal.slot(slot);
    }
  },
};

export function isExplicit({ floats }: Catalogue, ordinal: number): boolean {
  return floats[ordinal * RECORD_FLOATS + ATTRIBUTE.explicit] === 1;
}
