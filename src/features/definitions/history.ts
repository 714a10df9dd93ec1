/** What the listener played of this track, counted in their own plays. */
import type { FeatureDefinition } from '../feature.js';
import { GAP_BINS, gapBin } from '../gap-bins.js';
import type { Frame } from '../frame.js';
import { ln } from './numbers.js';

/** Counts of a gap bin with half of its neighbours'. */
function smoothed(counts: Float32Array, bin: number): number {
  const before = bin > 0 ? (counts[bin - 1] ?? 0) : 0;
  const after = bin < GAP_BINS - 1 ? (counts[bin + 1] ?? 0) : 0;
  return (counts[bin] ?? 0) + 0.5 * (before + after);
}

/** ln of: how often recent plays ended a gap of this length, for each known track whose gap is so long now. */
export function gapHazard(f: Frame, slot: number): number {
  const gap = f.gap(slot);
  if (Number.isNaN(gap)) return NaN;
  const bin = gapBin(Math.round(gap));
  return Math.log((smoothed(f.plays.endedGaps, bin) + 0.3) / (smoothed(f.plays.openGaps, bin) + 3));
}

/** ln of: the gap over the mean distance of the track's plays, were they spread evenly over all plays of the listener. */
export function gapAgainstRate(f: Frame, slot: number): number {
  return ln((f.gap(slot) * (f.plays.plays[slot] ?? 0)) / f.now);
}

export const history: readonly FeatureDefinition[] = [
  {
    name: 'plays',
    group: 'history',
    unit: 'ln(1 + plays)',
    range: [0, 15],
    doc: 'Plays of the track by the listener.',
    compute: (f, slot) => Math.log1p(f.plays.plays[slot] ?? 0),
  },
  {
    name: 'plays_apart',
    group: 'history',
    unit: 'ln(plays)',
    range: [0, 20],
    doc: 'All plays of the listener over plays of the track.',
    compute: (f, slot) => ln(f.now / (f.plays.plays[slot] ?? 0)),
  },
  {
    name: 'gap',
    group: 'history',
    unit: 'ln(plays)',
    range: [0, 20],
    doc: 'Plays since the last play of the track.',
    compute: (f, slot) => ln(f.gap(slot)),
  },
  {
    name: 'gap_against_rate',
    group: 'history',
    unit: 'ln',
    range: [-20, 20],
    doc: "The gap over the mean distance of the track's plays, were they spread evenly.",
    compute: gapAgainstRate,
  },
  {
    name: 'gap_against_mean',
    group: 'history',
    unit: 'ln',
    range: [-20, 20],
    doc: 'The gap over the mean gap between two plays of the track.',
    compute: (f, slot) => ln(f.gap(slot) / (f.plays.gapMean[slot] ?? NaN)),
  },
  {
    name: 'gap_against_minimum',
    group: 'history',
    unit: 'ln',
    range: [-20, 20],
    doc: 'The gap over the least gap between two plays of the track.',
    compute: (f, slot) => ln(f.gap(slot) / (f.plays.gapMinimum[slot] ?? NaN)),
  },
  {
    name: 'gap_against_last_ended',
    group: 'history',
    unit: 'ln',
    range: [-20, 20],
    doc: 'The gap over the gap that the last play ended.',
    compute: (f, slot) => ln(f.gap(slot) / f.lastGap),
  },
  {
    name: 'gap_hazard',
    group: 'history',
    unit: 'ln',
    range: [-10, 10],
    doc: 'How often recent plays ended a gap of this length, for each known track whose gap is so long now.',
    compute: gapHazard,
  },
  {
    name: 'gap_frequency',
    group: 'history',
    unit: 'ln(plays)',
    range: [-1, 7],
    doc: 'How many recent plays ended a gap of this length.',
    compute: (f, slot) => {
      const gap = f.gap(slot);
      return Number.isNaN(gap) ? NaN : Math.log(smoothed(f.plays.endedGaps, gapBin(Math.round(gap))) + 0.5);
    },
  },
  {
    name: 'skipped_share',
    group: 'history',
    unit: 'share',
    range: [0, 1],
    doc: "Share of the listener's plays of the track that were skipped, with one skip of three more assumed.",
    compute: (f, slot) => {
      const skips = f.plays.skips[slot] ?? 0;
      const ended = skips + (f.plays.completions[slot] ?? 0);
      return ended === 0 ? NaN : (skips + 1) / (ended + 3);
    },
  },
];
