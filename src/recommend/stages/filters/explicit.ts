/** Explicit tracks, where the client does not allow them. A track without the attribute counts as clean. */
import { ATTRIBUTE } from '../../../worlds/attributes.js';
import { RECORD_FLOATS } from '../../../worlds/world.js';
import type { Rule } from './rule.js';

export const explicit: Rule = {
  name: 'explicit',
  apply({ request, candidates: { ordinals }, world }, removal) {
    if (request.allowExplicit) return;
    const { floats } = world.catalogue;
    for (let slot = 0; slot < removal.count; slot++) {
      if (floats[ordinals[slot] * RECORD_FLOATS + ATTRIBUTE.explicit] === 1) removal.slot(slot);
    }
  },
};
