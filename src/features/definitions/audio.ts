/** The step from what plays now to the track. */
import { ATTRIBUTE } from '../../worlds/attributes.js';
import { keySteps } from '../../worlds/camelot.js';
import { TERM, TERM_COUNT } from '../../worlds/track-terms.js';
import { foldedOctaves } from '../../worlds/transition.js';
import { RECORD_FLOATS } from '../../worlds/world.js';
import type { FeatureGroup } from '../feature.js';
import { YearDistance } from '../year-distance.js';

const fromPlaying = new YearDistance();
const fromRecent = new YearDistance();

export const audio: FeatureGroup = {
  features: [
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
  ],
  fill(frame, slots, out, from, width) {
    const { floats, terms } = frame;
    const { ordinals } = frame.candidates;
    const tempoLog2 = frame.playingTerm(TERM.tempoLog2);
    const key = frame.playingTerm(TERM.keyCode);
    const energy = frame.playing(ATTRIBUTE.energy);
    const loudness = frame.recentMean(ATTRIBUTE.loudness);
    const yearsFromPlaying = fromPlaying.to(frame.playing(ATTRIBUTE.releaseYear));
    const yearsFromRecent = fromRecent.to(frame.recentMean(ATTRIBUTE.releaseYear));
    for (let row = 0, at = from; row < slots.length; row++, at += width) {
      const ordinal = ordinals[slots[row]];
      const record = ordinal * RECORD_FLOATS;
      const term = ordinal * TERM_COUNT;
      const year = floats[record + ATTRIBUTE.releaseYear];
      out[at] = foldedOctaves(tempoLog2 - terms[term + TERM.tempoLog2]);
      out[at + 1] = keySteps(key, terms[term + TERM.keyCode]);
      out[at + 2] = Math.abs(floats[record + ATTRIBUTE.energy] - energy);
      out[at + 3] = Math.abs(floats[record + ATTRIBUTE.loudness] - loudness);
      out[at + 4] = yearsFromPlaying.ln(year);
      out[at + 5] = yearsFromRecent.ln(year);
    }
    frame.recentSimilarities(slots, out, from + 6, width);
  },
};
