/** At most so many candidates of one artist, the first by slot; tracks of the context do not count. */
import { SOURCE_BIT } from '../../../features/candidates.js';
import type { Rule } from './rule.js';

export const artistCap: Rule = {
  name: 'artist-cap',
  apply({ surface, candidates }, removal) {
    const { artists, artistCount, sources } = candidates;
    const most = surface.filters.artistCandidatesMax;
    const counts = new Uint16Array(artistCount);
    for (let slot = 0; slot < removal.count; slot++) {
      const artist = artists[slot];
      if (artist < 0 || (sources[slot] & SOURCE_BIT.context) !== 0 || !removal.keeps(slot)) continue;
      if (++counts[artist] > most) removal.slot(slot);
    }
  },
};
