/** How long ago the artist was heard. */
import type { FeatureDefinition } from '../feature.js';

export const artist: readonly FeatureDefinition[] = [
  {
    name: 'artist_gap',
    group: 'artist',
    unit: 'ln(plays)',
    range: [0, 20],
    doc: "Plays since the last play of the track's artist.",
  },
  {
    name: 'artist_gap_against_rate',
    group: 'artist',
    unit: 'ln',
    range: [-20, 20],
    doc: "The artist's gap over the mean distance of their plays, were they spread evenly.",
  },
  {
    name: 'artist_gap_against_mean',
    group: 'artist',
    unit: 'ln',
    range: [-20, 20],
    doc: "The artist's gap over the mean gap between two of their plays.",
  },
];
