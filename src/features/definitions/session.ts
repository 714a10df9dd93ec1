/** What happened since the build. */
import type { FeatureDefinition } from '../feature.js';

export const session: readonly FeatureDefinition[] = [
  {
    name: 'session_starts',
    group: 'session',
    unit: 'plays',
    range: [0, 256],
    doc: 'Starts of the track since the build, of the last 256 events.',
  },
  {
    name: 'session_skips',
    group: 'session',
    unit: 'skips',
    range: [0, 256],
    doc: 'Skips of the track among the last 256 events.',
  },
  {
    name: 'session_completions',
    group: 'session',
    unit: 'completions',
    range: [0, 256],
    doc: 'Completions of the track among the last 256 events.',
  },
  {
    name: 'session_skip_share',
    group: 'session',
    unit: 'share',
    range: [0, 1],
    doc: 'Share of skips among the skips and completions of the session, of any track.',
  },
  {
    name: 'new_track_share',
    group: 'session',
    unit: 'share',
    range: [0, 1],
    doc: 'Share of the starts since the build whose track the listener had never played, smoothed.',
  },
  {
    name: 'starts_since_build',
    group: 'session',
    unit: 'ln(1 + plays)',
    range: [0, 20],
    doc: 'Starts of the listener since the build.',
  },
];
