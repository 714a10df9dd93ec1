/** What the listener played of this track, counted in their own plays. */
import type { FeatureDefinition } from '../feature.js';

export const history: readonly FeatureDefinition[] = [
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
];
