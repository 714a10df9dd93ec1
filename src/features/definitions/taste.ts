/** How the track fits what the listener plays at other times. */
import { ATTRIBUTE, type Attribute } from '../../worlds/attributes.js';
import type { FeatureDefinition } from '../feature.js';
import type { Frame } from '../frame.js';
import { ln } from './numbers.js';

const TASTE_ATTRIBUTES: readonly number[] = (
  ['tempoBpm', 'loudness', 'danceability', 'onsetRate', 'dynamicComplexity', 'energy'] as const
).map((name: Attribute) => ATTRIBUTE[name]);

/** Least deviation that a distance is measured in, so that a listener of one track is not infinitely far from all others. */
const DEVIATION_MIN = 1e-3;

function tasteDistance(f: Frame, slot: number): number {
  const signals = f.input.listener.row?.signals;
  if (signals === undefined) return NaN;
  let sum = 0;
  let count = 0;
  for (const index of TASTE_ATTRIBUTES) {
    const deviation = Math.max(DEVIATION_MIN, signals.attributeDeviations[index] ?? NaN);
    const distance = (f.attribute(slot, index) - (signals.attributeMeans[index] ?? NaN)) / deviation;
    if (Number.isNaN(distance)) continue;
    sum += Math.min(25, distance * distance);
    count++;
  }
  return count === 0 ? NaN : Math.sqrt(sum / count);
}

export const taste: readonly FeatureDefinition[] = [
  {
    name: 'taste_distance',
    group: 'taste',
    unit: 'deviations',
    range: [0, 5],
    doc: "Distance of the track's audio from the listener's mean, in the listener's own deviations.",
    compute: tasteDistance,
  },
  {
    name: 'artist_share',
    group: 'taste',
    unit: 'ln',
    range: [-15, 0],
    doc: "Share of the listener's plays that are by the track's artist.",
    compute: (f, slot) => ln(f.artistShare(slot)),
  },
  {
    name: 'year_from_taste',
    group: 'taste',
    unit: 'ln(1 + years)',
    range: [0, 6],
    doc: "Years between the track's release and the mean release of what the listener plays.",
    compute: (f, slot) => {
      const mean = f.input.listener.row?.signals?.attributeMeans[ATTRIBUTE.releaseYear] ?? NaN;
      return Math.log1p(Math.abs(f.attribute(slot, ATTRIBUTE.releaseYear) - mean));
    },
  },
];
