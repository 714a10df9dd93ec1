/** What the sources said of a candidate. */
import type { FeatureDefinition } from '../feature.js';

export const retrieval: readonly FeatureDefinition[] = [
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
];
