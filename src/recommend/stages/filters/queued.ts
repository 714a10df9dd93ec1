/** What already waits to be played needs no recommendation. */
import type { Rule } from './rule.js';

export const queued: Rule = {
  name: 'queued',
  apply({ queued: waiting }, removal) {
    for (const ordinal of waiting) removal.track(ordinal);
  },
};
