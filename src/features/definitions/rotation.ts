/** Whether the queue that the track belongs to has come to it; see `rotation.ts` of the folder above. */
import type { FeatureGroup } from '../feature.js';
import { ln } from '../ln.js';
import { lnOfWhole } from '../whole-logs.js';

/** ln(1 + |n|) with the sign of n; NaN for NaN. @param n whole */
function signedLn(n: number): number {
  if (n < 0) return -lnOfWhole(1 - n);
  return n >= 0 ? lnOfWhole(1 + n) : NaN;
}

export const rotation: FeatureGroup = {
  features: [
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
  ],
  fill({ columns }, slots, out, from, width) {
    const { frontNear, frontWideLn, frontNearest } = columns;
    for (let row = 0, at = from; row < slots.length; row++, at += width) {
      const slot = slots[row];
      const distance = frontNearest[slot];
      out[at] = ln(frontNear[slot] + 0.1);
      out[at + 1] = frontWideLn[slot];
      out[at + 2] = signedLn(distance);
    }
  },
};
