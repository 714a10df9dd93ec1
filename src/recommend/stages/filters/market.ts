/** Tracks that may not be served in the request's market. */
import type { Rule } from './rule.js';

export const market: Rule = {
  name: 'market',
  removes({ request, world }) {
    const name = request.market;
    if (name === undefined) return undefined;
    return (_slot, ordinal) => !world.catalogue.admits(ordinal, name);
  },
};
