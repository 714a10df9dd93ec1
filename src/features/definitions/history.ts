/** What the listener played of this track, counted in their own plays. */
import type { FeatureGroup } from '../feature.js';
import { gapBin } from '../gap-bins.js';
import { ln } from '../ln.js';
import { lnOfWhole } from '../whole-logs.js';

export const history: FeatureGroup = {
  features: [
    {
      name: 'plays',
      group: 'history',
      unit: 'ln(1 + plays)',
      range: [0, 15],
      doc: 'Plays of the track by the listener.',
    },
    {
      name: 'plays_apart',
      group: 'history',
      unit: 'ln(plays)',
      range: [0, 20],
      doc: 'All plays of the listener over plays of the track.',
    },
    {
      name: 'gap',
      group: 'history',
      unit: 'ln(plays)',
      range: [0, 20],
      doc: 'Plays since the last play of the track.',
    },
    {
      name: 'gap_against_rate',
      group: 'history',
      unit: 'ln',
      range: [-20, 20],
      doc: "The gap over the mean distance of the track's plays, were they spread evenly.",
    },
    {
      name: 'gap_against_mean',
      group: 'history',
      unit: 'ln',
      range: [-20, 20],
      doc: 'The gap over the mean gap between two plays of the track.',
    },
    {
      name: 'gap_against_minimum',
      group: 'history',
      unit: 'ln',
      range: [-20, 20],
      doc: 'The gap over the least gap between two plays of the track.',
    },
    {
      name: 'gap_against_last_ended',
      group: 'history',
      unit: 'ln',
      range: [-20, 20],
      doc: 'The gap over the gap that the last play ended.',
    },
    {
      name: 'gap_hazard',
      group: 'history',
      unit: 'ln',
      range: [-10, 10],
      doc: 'How often recent plays ended a gap of this length, for each known track whose gap is so long now.',
    },
    {
      name: 'gap_frequency',
      group: 'history',
      unit: 'ln(plays)',
      range: [-1, 7],
      doc: 'How many recent plays ended a gap of this length.',
    },
    {
      name: 'skipped_share',
      group: 'history',
      unit: 'share',
      range: [0, 1],
      doc: "Share of the listener's plays of the track that were skipped, with one skip of three more assumed.",
    },
  ],
  fill({ columns, now, nowLn, lastGapLn, hazardLn, frequencyLn }, slots, out, from, width) {
    const { last, plays, playsLn, gapLn, gapMean, gapMinimum, skips, completions } = columns;
    for (let row = 0, at = from; row < slots.length; row++, at += width) {
      const slot = slots[row];
      const played = last[slot] >= 0;
      const gap = gapLn[slot];
      const bin = played ? gapBin(now - last[slot]) : 0;
      const ended = skips[slot] + completions[slot];
      out[at] = lnOfWhole(1 + plays[slot]);
      out[at + 1] = nowLn - playsLn[slot];
      out[at + 2] = gap;
      out[at + 3] = gap + playsLn[slot] - nowLn;
      out[at + 4] = gap - ln(gapMean[slot]);
      out[at + 5] = gap - ln(gapMinimum[slot]);
      out[at + 6] = gap - lastGapLn;
      out[at + 7] = played ? hazardLn[bin] : NaN;
      out[at + 8] = played ? frequencyLn[bin] : NaN;
      out[at + 9] = ended === 0 ? NaN : (skips[slot] + 1) / (ended + 3);
    }
  },
};
