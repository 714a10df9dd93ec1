/** Heard too recently: fewer plays ago than the surface's repeat gap, by the request's recents or by the history. */
import type { Rule } from './rule.js';

export const playedRecently: Rule = {
  name: 'played-recently',
  apply({ recents, listener, surface }, removal) {
    const gap = surface.filters.repeatGapPlays;
    for (let i = 0; i < recents.length && i < gap; i++) removal.track(recents[i]);
    const history = listener.row?.history;
    const { playsSinceBuild } = listener.session;
    if (history === undefined || playsSinceBuild >= gap) return;
    const { ordinals, lastIndices } = history;
    const oldestIndex = history.totalPlays + playsSinceBuild - gap;
    for (let i = 0; i < ordinals.length; i++) {
      if (lastIndices[i] >= oldestIndex) removal.track(ordinals[i]);
    }
  },
};
