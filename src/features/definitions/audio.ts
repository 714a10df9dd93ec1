/** The step from what plays now to the track. */
import type { FeatureDefinition } from '../feature.js';

export const audio: readonly FeatureDefinition[] = [
  {
    name: 'tempo_step',
    group: 'audio',
    unit: 'octaves',
    range: [0, 0.5],
    doc: 'Tempo distance from the track that plays now, folded to the nearest octave.',
  },
  {
    name: 'key_step',
    group: 'audio',
    unit: 'steps',
    range: [0, 7],
    doc: 'Distance on the Camelot wheel from the track that plays now.',
  },
  {
    name: 'energy_step',
    group: 'audio',
    unit: 'energy',
    range: [0, 1],
    doc: 'Difference of energy from the track that plays now.',
  },
  {
    name: 'loudness_step',
    group: 'audio',
    unit: 'loudness',
    range: [0, 60],
    doc: 'Difference of loudness from the mean of the last five tracks.',
  },
  {
    name: 'year_step',
    group: 'audio',
    unit: 'ln(1 + years)',
    range: [0, 6],
    doc: 'Years between the releases of the track and of what plays now.',
  },
  {
    name: 'year_from_recent',
    group: 'audio',
    unit: 'ln(1 + years)',
    range: [0, 6],
    doc: "Years between the track's release and the mean release of the last five tracks.",
  },
  {
    name: 'recent_similarity',
    group: 'audio',
    unit: 'cosine',
    range: [-1, 1],
    doc: 'Cosine of the embeddings of the track and of the last five tracks.',
  },
];
