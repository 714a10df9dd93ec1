/** How much everybody plays a track. */
import { ATTRIBUTE } from '../../worlds/attributes.js';
import { TERM, TERM_COUNT } from '../../worlds/track-terms.js';
import { RECORD_FLOATS } from '../../worlds/world.js';
import { SOURCE_BIT, SOURCE_COUNT, SOURCE_INDEX } from '../candidates.js';
import type { FeatureGroup } from '../feature.js';
import { lnOfWhole } from '../whole-logs.js';

export const popularity: FeatureGroup = {
  features: [
    {
      name: 'popularity',
      group: 'popularity',
      unit: 'ln',
      range: [-12, 0],
      doc: 'Decayed plays of all listeners over those of the most played track.',
    },
    {
      name: 'all_plays',
      group: 'popularity',
      unit: 'ln(1 + plays)',
      range: [0, 30],
      doc: 'Plays of all listeners.',
    },
    {
      name: 'popular_rank',
      group: 'popularity',
      unit: 'ln(1 + rank)',
      range: [0, 8],
      doc: "Rank among what is popular in the request's market.",
    },
  ],
  fill({ candidates, floats, terms }, slots, out, from, width) {
    const { ordinals, sources, ranks } = candidates;
    for (let row = 0, at = from; row < slots.length; row++, at += width) {
      const slot = slots[row];
      const ordinal = ordinals[slot];
      out[at] = terms[ordinal * TERM_COUNT + TERM.popularityLn];
      out[at + 1] = floats[ordinal * RECORD_FLOATS + ATTRIBUTE.logPlays];
      const isPopular = (sources[slot] & SOURCE_BIT.popular) !== 0;
      out[at + 2] = isPopular ? lnOfWhole(ranks[slot * SOURCE_COUNT + SOURCE_INDEX.popular] + 1) : NaN;
    }
  },
};
