/** How the track fits what the listener plays at other times. */
import type { FeatureDefinition } from '../feature.js';

export const taste: readonly FeatureDefinition[] = [
  {
    name: 'taste_distance',
    group: 'taste',
    unit: 'deviations',
    range: [0, 5],
    doc: "Distance of the track's audio from the listener's mean, in the listener's own deviations.",
  },
  {
    name: 'artist_share',
    group: 'taste',
    unit: 'ln',
    range: [-15, 0],
    doc: "Share of the listener's plays that are by the track's artist.",
  },
  {
    name: 'year_from_taste',
    group: 'taste',
    unit: 'ln(1 + years)',
    range: [0, 6],
    doc: "Years between the track's release and the mean release of what the listener plays.",
  },
];
