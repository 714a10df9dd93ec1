/** How the track fits what the listener plays at other times. */
import { ATTRIBUTE, type Attribute } from '../../worlds/attributes.js';
import { RECORD_FLOATS } from '../../worlds/world.js';
import type { Signals } from '../../listeners/listener.js';
import type { FeatureGroup } from '../feature.js';
import { YearDistance } from '../year-distance.js';

const TASTE_ATTRIBUTES = Uint8Array.from(
  (['tempoBpm', 'loudness', 'danceability', 'onsetRate', 'dynamicComplexity', 'energy'] as const).map(
    (name: Attribute) => ATTRIBUTE[name],
  ),
);

/** Least deviation that a distance is measured in, so that a listener of one track is not infinitely far from all others. */
const DEVIATION_MIN = 1e-3;
/** Most that one attribute counts, squared. */
const SQUARE_MAX = 25;

const means = new Float64Array(TASTE_ATTRIBUTES.length);
const scales = new Float64Array(TASTE_ATTRIBUTES.length);

/** What distances are measured from and in, for one call of `fill`. Of a listener without signals every distance is missing. */
function measureFrom(signals: Signals | undefined): void {
  for (let i = 0; i < TASTE_ATTRIBUTES.length; i++) {
    const attribute = TASTE_ATTRIBUTES[i];
    means[i] = signals?.attributeMeans[attribute] ?? NaN;
    scales[i] = 1 / Math.max(DEVIATION_MIN, signals?.attributeDeviations[attribute] ?? NaN);
  }
}

/**
 * Distance of a track's audio from the listener's mean, in the listener's own deviations.
 *
 * @param record where the track's record starts; NaN where it has none of the attributes
 */
function distance(floats: Float32Array, record: number): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < scales.length; i++) {
    const deviations = (floats[record + TASTE_ATTRIBUTES[i]] - means[i]) * scales[i];
    if (deviations !== deviations) continue;
    const square = deviations * deviations;
    sum += square < SQUARE_MAX ? square : SQUARE_MAX;
    count++;
  }
  return Math.sqrt(sum / count);
}

const fromTaste = new YearDistance();

export const taste: FeatureGroup = {
  features: [
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
  ],
  fill({ candidates, columns, floats, input }, slots, out, from, width) {
    const { ordinals, artists } = candidates;
    const { artistShareLn } = columns;
    const signals = input.listener.row?.signals;
    measureFrom(signals);
    const years = fromTaste.to(signals?.attributeMeans[ATTRIBUTE.releaseYear] ?? NaN);
    for (let row = 0, at = from; row < slots.length; row++, at += width) {
      const slot = slots[row];
      const record = ordinals[slot] * RECORD_FLOATS;
      out[at] = distance(floats, record);
      out[at + 1] = artists[slot] < 0 ? NaN : artistShareLn[artists[slot]];
      out[at + 2] = years.ln(floats[record + ATTRIBUTE.releaseYear]);
    }
  },
};
