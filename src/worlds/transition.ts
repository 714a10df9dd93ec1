/** How far apart two tracks are for the ear. A missing attribute costs nothing. */
import { ATTRIBUTE } from './attributes.js';
import { RECORD_FLOATS } from './world.js';

/** |log2(a/b)| folded to the nearest octave, so that half and double time match: 0 to 0.5. NaN when a tempo is missing. */
export function tempoDistance(aBpm: number, bBpm: number): number {
  const octaves = Math.abs(Math.log2(aBpm / bBpm));
  return Math.abs(octaves - Math.round(octaves));
}

/** Number on the Camelot wheel, 1 to 12; minor keys are named by their relative major. */
export function camelotNumber(key: number, mode: number): number {
  const pitchClass = mode === 1 ? key : key + 3;
  return ((7 * pitchClass + 7) % 12) + 1;
}

/** Steps on the Camelot wheel, plus 1 when the letter differs: 0 to 7. NaN when a key or mode is missing. */
export function keyDistance(aKey: number, aMode: number, bKey: number, bMode: number): number {
  const steps = Math.abs(camelotNumber(aKey, aMode) - camelotNumber(bKey, bMode));
  return Math.min(steps, 12 - steps) + (aMode === bMode ? 0 : 1);
}

export interface TransitionCosts {
  readonly tempo: number;
  readonly key: number;
  readonly energy: number;
}

/** Raw distances of the step from one track to the next, missing ones as 0. */
export function transition(floats: Float32Array, from: number, to: number): TransitionCosts {
  const a = from * RECORD_FLOATS;
  const b = to * RECORD_FLOATS;
  const at = (base: number, attribute: number): number => floats[base + attribute] ?? NaN;
  const energy = Math.abs(at(a, ATTRIBUTE.energy) - at(b, ATTRIBUTE.energy));
  const loudness = Math.abs(at(a, ATTRIBUTE.loudness) - at(b, ATTRIBUTE.loudness));
  return {
    tempo: orZero(tempoDistance(at(a, ATTRIBUTE.tempoBpm), at(b, ATTRIBUTE.tempoBpm))),
    key: orZero(keyDistance(at(a, ATTRIBUTE.key), at(a, ATTRIBUTE.mode), at(b, ATTRIBUTE.key), at(b, ATTRIBUTE.mode))),
    energy: Number.isNaN(energy) ? Math.min(1, orZero(loudness)) : energy,
  };
}

function orZero(distance: number): number {
  return Number.isFinite(distance) ? distance : 0;
}
