/** Heard too recently: fewer plays ago than the surface's repeat gap, by the request's recents or by the history. */
import type { Rule } from './rule.js';

export const playedRecently: Rule = {
  name: 'played-recently',
  removes({ recents, listener, surface }) {
    const gap = surface.filters.repeatGapPlays;
    if (gap === 0) return undefined;
    const recent = new Set(recents.subarray(0, gap));
    const history = listener.row?.history;
    const playsSinceBuild = listener.session.playsSinceBuild;
    if (history !== undefined && playsSinceBuild < gap) {
      const oldestIndex = history.totalPlays + playsSinceBuild - gap;
      for (let i = 0; i < history.ordinals.length; i++) {
        if ((history.lastIndices[i] ?? 0) >= oldestIndex) recent.add(history.ordinals[i] ?? 0);
      }
    }
    return recent.size === 0 ? undefined : (_slot, ordinal) => recent.has(ordinal);
  },
};
