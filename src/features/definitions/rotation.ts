/** Whether the queue that the track belongs to has come to it; see `rotation.ts` of the folder above. */
import type { FeatureDefinition } from '../feature.js';

export const rotation: readonly FeatureDefinition[] = [
  {
    name: 'front_near',
    group: 'rotation',
    unit: 'ln(fronts)',
    range: [-3, 5],
    doc: 'Rotation fronts of the last 24 plays that stand within about four plays of the track.',
  },
  {
    name: 'front_wide',
    group: 'rotation',
    unit: 'ln(fronts)',
    range: [-2, 5],
    doc: 'Rotation fronts of the last 24 plays that stand within about fifteen plays of the track.',
  },
  {
    name: 'front_distance',
    group: 'rotation',
    unit: 'signed ln(1 + plays)',
    range: [-20, 20],
    doc: 'Distance of the track from the nearest rotation front; positive when the front has yet to come to it.',
  },
];
