/** What plays now is not what plays next. */
import type { Rule } from './rule.js';

export const justPlayed: Rule = {
  name: 'just-played',
  removes({ recents }) {
    const seed = recents.at(0);
    return seed === undefined ? undefined : (_slot, ordinal) => ordinal === seed;
  },
};
