/** Explicit tracks, where the client does not allow them. A track without the attribute counts as clean. */
import { ATTRIBUTE } from '../../../worlds/attributes.js';
import { RECORD_FLOATS } from '../../../worlds/world.js';
import type { Rule } from './rule.js';

export const explicit: Rule = {
  name: 'explicit',
  removes({ request, world }) {
    if (request.allowExplicit) return undefined;
    const { floats } = world.catalogue;
    return (_slot, ordinal) => floats[ordinal * RECORD_FLOATS + ATTRIBUTE.explicit] === 1;
  },
};
