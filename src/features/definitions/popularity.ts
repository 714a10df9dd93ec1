/** How much everybody plays a track. */
import type { FeatureDefinition } from '../feature.js';

export const popularity: readonly FeatureDefinition[] = [
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
];
