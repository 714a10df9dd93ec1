/** How far apart two tracks are for the ear. */
import { ATTRIBUTE, type Attribute } from './attributes.js';
import { camelotNumber } from './camelot.js';
import { RECORD_FLOATS, type Catalogue } from './world.js';

/** Octaves between two tempos, folded so that half and double time match: 0 to 0.5. NaN when a tempo is missing. */
export function tempoDistance(aBpm: number, bBpm: number): number {
  return foldedOctaves(Math.log2(aBpm / bBpm));
}

/** Distance of a number of octaves from a whole one: 0 to 0.5. */
function foldedOctaves(octaves: number): number {
  return Math.abs(octaves - Math.round(octaves));
}

/** What a step to or from a track is measured by; NaN is missing. */
export interface Sound {
  readonly tempoLog2: number;
  /** On the Camelot wheel. */
  readonly keyNumber: number;
  /** 1 major, 0 minor. */
  readonly mode: number;
  readonly energy: number;
  readonly loudness: number;
}

export function soundOf({ floats }: Catalogue, ordinal: number): Sound {
  const attribute = (name: Attribute): number => floats[ordinal * RECORD_FLOATS + ATTRIBUTE[name]];
  const mode = attribute('mode');
  return {
    tempoLog2: Math.log2(attribute('tempoBpm')),
    keyNumber: mode === mode ? camelotNumber(attribute('key'), mode) : NaN,
    mode,
    energy: attribute('energy'),
    loudness: attribute('loudness'),
  };
}

/** Octaves, folded: 0 to 0.5; a missing tempo costs nothing. */
export function tempoStep(from: Sound, to: Sound): number {
  return orZero(foldedOctaves(from.tempoLog2 - to.tempoLog2));
}

/** Steps on the Camelot wheel, plus 1 when the letter differs: 0 to 7; a missing key or mode costs nothing. */
export function keyStep(from: Sound, to: Sound): number {
  const steps = Math.abs(from.keyNumber - to.keyNumber);
  return orZero(Math.min(steps, 12 - steps) + (from.mode === to.mode ? 0 : 1));
}

/** Difference of energy; where a track has none, of loudness, at most 1; where that is missing too, nothing. */
export function energyStep(from: Sound, to: Sound): number {
  const energy = Math.abs(from.energy - to.energy);
  if (energy === energy) return energy;
  return Math.min(1, orZero(Math.abs(from.loudness - to.loudness)));
}

function orZero(distance: number): number {
  return Number.isFinite(distance) ? distance : 0;
}
