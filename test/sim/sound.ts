/** How one track sounds, drawn around its genre and its artist. */
import { clamp } from './draws.js';
import type { Genre } from './genres.js';
import type { Random } from './random.js';

/** The true attributes; the published catalogue lacks some of them. */
export interface Sound {
  readonly tempoBpm: number;
  /** Pitch class, 0 = C to 11 = B. */
  readonly key: number;
  /** 1 major, 0 minor. */
  readonly mode: number;
  readonly keyStrength: number;
  /** 0 to 1. */
  readonly energy: number;
  /** 0 to 1. */
  readonly loudness: number;
  readonly danceability: number;
  /** Onsets a second. */
  readonly onsetRate: number;
  /** dB. */
  readonly dynamicComplexity: number;
  readonly durationS: number;
}

/** How an artist differs from the genre, each about 0. */
export interface Manner {
  readonly tempo: number;
  readonly energy: number;
  readonly danceability: number;
}

export function drawManner(random: Random): Manner {
  return { tempo: random.normal(), energy: random.normal() * 0.09, danceability: random.normal() * 0.07 };
}

export function drawSound(random: Random, genre: Genre, manner: Manner): Sound {
  const tempoBpm = clamp(
    genre.tempoBpm + genre.tempoDeviation * (0.5 * manner.tempo + 0.85 * random.normal()),
    56,
    200,
  );
  const energy = clamp(genre.energy + manner.energy + 0.1 * random.normal(), 0.02, 0.99);
  const lively = energy - 0.55;
  return {
    tempoBpm: round(tempoBpm, 2),
    // Guitars and keyboards favour C, D, E, G and A.
    key: random.chance(0.45) ? [0, 2, 4, 7, 9][random.below(5)] : random.below(12),
    mode: random.chance(genre.majorShare) ? 1 : 0,
    keyStrength: round(clamp(0.76 - 0.12 * lively + 0.11 * random.normal(), 0.2, 0.97), 2),
    energy: round(energy, 3),
    loudness: round(clamp(0.8 + 0.5 * lively + 0.1 * random.normal(), 0.01, 0.99), 3),
    danceability: round(clamp(genre.danceability + manner.danceability + 0.12 * random.normal(), 0.6, 2.6), 4),
    onsetRate: round(clamp(3.4 + 2.2 * lively + (tempoBpm - 115) / 90 + 0.5 * random.normal(), 0.8, 8), 3),
    dynamicComplexity: round(clamp(genre.dynamicComplexity - 2 * lively + 0.9 * Math.abs(random.normal()), 1.2, 18), 3),
    durationS: round(clamp(genre.durationS * Math.exp(0.22 * random.normal()), 45, 900), 1),
  };
}

/** Whole milliseconds. */
export function durationMs(sound: Sound): number {
  return Math.round(sound.durationS * 1000);
}

function round(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}
