/** The step from what plays now to the track. */
import { ATTRIBUTE } from '../../worlds/attributes.js';
import { keyDistance, tempoDistance } from '../../worlds/transition.js';
import type { FeatureDefinition } from '../feature.js';

export const audio: readonly FeatureDefinition[] = [
  {
    name: 'tempo_step',
    group: 'audio',
    unit: 'octaves',
    range: [0, 0.5],
    doc: 'Tempo distance from the track that plays now, folded to the nearest octave.',
    compute: (f, slot) => tempoDistance(f.playing(ATTRIBUTE.tempoBpm), f.attribute(slot, ATTRIBUTE.tempoBpm)),
  },
  {
    name: 'key_step',
    group: 'audio',
    unit: 'steps',
    range: [0, 7],
    doc: 'Distance on the Camelot wheel from the track that plays now.',
    compute: (f, slot) =>
      keyDistance(
        f.playing(ATTRIBUTE.key),
        f.playing(ATTRIBUTE.mode),
        f.attribute(slot, ATTRIBUTE.key),
        f.attribute(slot, ATTRIBUTE.mode),
      ),
  },
  {
    name: 'energy_step',
    group: 'audio',
    unit: 'energy',
    range: [0, 1],
    doc: 'Difference of energy from the track that plays now.',
    compute: (f, slot) => Math.abs(f.attribute(slot, ATTRIBUTE.energy) - f.playing(ATTRIBUTE.energy)),
  },
  {
    name: 'loudness_step',
    group: 'audio',
    unit: 'loudness',
    range: [0, 60],
    doc: 'Difference of loudness from the mean of the last five tracks.',
    compute: (f, slot) => Math.abs(f.attribute(slot, ATTRIBUTE.loudness) - f.recentMean(ATTRIBUTE.loudness)),
  },
  {
    name: 'year_step',
    group: 'audio',
    unit: 'ln(1 + years)',
    range: [0, 6],
    doc: 'Years between the releases of the track and of what plays now.',
    compute: (f, slot) =>
      Math.log1p(Math.abs(f.attribute(slot, ATTRIBUTE.releaseYear) - f.playing(ATTRIBUTE.releaseYear))),
  },
  {
    name: 'year_from_recent',
    group: 'audio',
    unit: 'ln(1 + years)',
    range: [0, 6],
    doc: "Years between the track's release and the mean release of the last five tracks.",
    compute: (f, slot) =>
      Math.log1p(Math.abs(f.attribute(slot, ATTRIBUTE.releaseYear) - f.recentMean(ATTRIBUTE.releaseYear))),
  },
  {
    name: 'recent_similarity',
    group: 'audio',
    unit: 'cosine',
    range: [-1, 1],
    doc: 'Cosine of the embeddings of the track and of the last five tracks.',
    compute: (f, slot) => f.recentSimilarity(slot),
  },
];
