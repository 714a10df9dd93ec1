/** At most so many candidates of one artist, the first by slot; tracks of the context do not count. */
import { SOURCE_BIT } from '../../../features/candidates.js';
import { ATTRIBUTE } from '../../../worlds/attributes.js';
import { RECORD_FLOATS } from '../../../worlds/world.js';
import type { Rule } from './rule.js';

export const artistCap: Rule = {
  name: 'artist-cap',
  removes({ surface, candidates, world }) {
    const most = surface.filters.artistCandidatesMax;
    const { floats } = world.catalogue;
    const counts = new Map<number, number>();
    return (slot, ordinal) => {
      if (((candidates.sources[slot] ?? 0) & SOURCE_BIT.context) !== 0) return false;
      const artist = floats[ordinal * RECORD_FLOATS + ATTRIBUTE.artist] ?? NaN;
      const count = (counts.get(artist) ?? 0) + 1;
      counts.set(artist, count);
      return count > most;
    };
  },
};
