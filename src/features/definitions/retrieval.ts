/** What the sources said of a candidate. */
import { SOURCE_BIT, SOURCE_COUNT, SOURCE_INDEX } from '../candidates.js';
import type { FeatureGroup } from '../feature.js';
import { ln } from '../ln.js';
import { lnOfWhole } from '../whole-logs.js';

/** By the bits of the sources: how many there are, promotion aside. */
const ORGANIC_SOURCES = Uint8Array.from({ length: 1 << SOURCE_COUNT }, (_, bits) => {
  let count = 0;
  for (let rest = bits & ~SOURCE_BIT.promoted; rest !== 0; rest &= rest - 1) count++;
  return count;
});

export const retrieval: FeatureGroup = {
  features: [
    {
      name: 'neighbours_score',
      group: 'retrieval',
      unit: 'ln',
      range: [-20, 5],
      doc: 'Sum of the neighbour scores of the last tracks, each track ago counting 0.7 times the one after it.',
    },
    {
      name: 'following_score',
      group: 'retrieval',
      unit: 'ln',
      range: [-20, 5],
      doc: 'Score among the neighbours of the track that plays now.',
    },
    {
      name: 'neighbours_rank',
      group: 'retrieval',
      unit: 'ln(1 + rank)',
      range: [0, 8],
      doc: 'Rank among the neighbours of the last tracks.',
    },
    {
      name: 'pool_rank',
      group: 'retrieval',
      unit: 'ln(1 + rank)',
      range: [0, 8],
      doc: "Rank in the listener's pool.",
    },
    {
      name: 'in_context',
      group: 'retrieval',
      unit: '0 or 1',
      range: [0, 1],
      doc: 'Whether the track belongs to the context being played.',
    },
    {
      name: 'sources',
      group: 'retrieval',
      unit: 'sources',
      range: [1, 4],
      doc: 'Sources that named the track, promotion aside.',
    },
  ],
  fill({ candidates }, slots, out, from, width) {
    const { scores, ranks, seedScores, sources } = candidates;
    for (let row = 0, at = from; row < slots.length; row++, at += width) {
      const slot = slots[row];
      const named = slot * SOURCE_COUNT;
      const by = sources[slot];
      const isNeighbour = (by & SOURCE_BIT.neighbours) !== 0;
      out[at] = isNeighbour ? ln(scores[named + SOURCE_INDEX.neighbours]) : NaN;
      out[at + 1] = ln(seedScores[slot]);
      out[at + 2] = isNeighbour ? lnOfWhole(ranks[named + SOURCE_INDEX.neighbours] + 1) : NaN;
      out[at + 3] = (by & SOURCE_BIT.pool) !== 0 ? lnOfWhole(ranks[named + SOURCE_INDEX.pool] + 1) : NaN;
      out[at + 4] = (by & SOURCE_BIT.context) === 0 ? 0 : 1;
      out[at + 5] = ORGANIC_SOURCES[by];
    }
  },
};
