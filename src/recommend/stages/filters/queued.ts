/** What already waits to be played needs no recommendation. */
import type { Rule } from './rule.js';

export const queued: Rule = {
  name: 'queued',
  removes({ queued: waiting }) {
    if (waiting.length === 0) return undefined;
    const set = new Set(waiting);
    return (_slot, ordinal) => set.has(ordinal);
  },
};
