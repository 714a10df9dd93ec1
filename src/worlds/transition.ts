/** How far apart two tracks are for the ear. A missing attribute costs nothing. */
import { ATTRIBUTE } from './attributes.js';
import { keySteps } from './camelot.js';
import { TERM, TERM_COUNT, trackTermsOf } from './track-terms.js';
import { RECORD_FLOATS, type Catalogue } from './world.js';

/** Octaves between two tempos, folded so that half and double time match: 0 to 0.5. NaN when a tempo is missing. */
export function tempoDistance(aBpm: number, bBpm: number): number {
  return foldedOctaves(Math.log2(aBpm / bBpm));
}

/** Distance of a number of octaves from a whole one: 0 to 0.5. */
export function foldedOctaves(octaves: number): number {
  return Math.abs(octaves - Math.round(octaves));
}

/** Distances of the step from one track of a catalogue to the next; a missing attribute costs nothing. */
export class Transitions {
  private readonly floats: Float32Array;
  private readonly terms: Float32Array;

  constructor(catalogue: Catalogue) {
    this.floats = catalogue.floats;
    this.terms = trackTermsOf(catalogue);
  }

  /** Octaves, folded: 0 to 0.5. */
  tempo(from: number, to: number): number {
    const { terms } = this;
    const octaves = terms[from * TERM_COUNT + TERM.tempoLog2] - terms[to * TERM_COUNT + TERM.tempoLog2];
    return orZero(foldedOctaves(octaves));
  }

  /** Steps on the Camelot wheel: 0 to 7. */
  key(from: number, to: number): number {
    const { terms } = this;
    return orZero(keySteps(terms[from * TERM_COUNT + TERM.keyCode], terms[to * TERM_COUNT + TERM.keyCode]));
  }

  /** Difference of energy; where a track has none, of loudness, at most 1. */
  energy(from: number, to: number): number {
    const energy = Math.abs(this.difference(from, to, ATTRIBUTE.energy));
    if (energy === energy) return energy;
    return Math.min(1, orZero(Math.abs(this.difference(from, to, ATTRIBUTE.loudness))));
  }

  private difference(from: number, to: number, attribute: number): number {
    return this.floats[from * RECORD_FLOATS + attribute] - this.floats[to * RECORD_FLOATS + attribute];
  }
}

function orZero(distance: number): number {
  return Number.isFinite(distance) ? distance : 0;
}
