/** What plays now is not what plays next. */
import type { Rule } from './rule.js';

export const justPlayed: Rule = {
  name: 'just-played',
  apply({ recents }, removal) {
    if (recents.length > 0) removal.track(recents[0]);
  },
};
