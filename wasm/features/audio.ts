/** The step from what plays now to the track; see `src/features/definitions/audio.ts`. */
import {
  embeddingAt,
  energyAt,
  keyAt,
  loudnessAt,
  modeAt,
  playingEnergy,
  playingKeyNumber,
  playingMode,
  playingTempoLog2,
  playingYear,
  recentEmbedding,
  recentEmbeddingScale,
  recentLoudness,
  recentYear,
  tempoBpmAt,
} from './layout';
import { everywhere, lanes, ln, lnOfDistance, put } from './lanes';
import { yearOf } from './taste';

const ONE = f32x4.splat(1);
const LOG2_E: f32 = 1.4426950408889634;

/** Octaves from the nearest whole number of them: 0 to 0.5. */
function folded(octaves: v128): v128 {
  return f32x4.abs(f32x4.sub(octaves, f32x4.nearest(octaves)));
}

/** Number on the Camelot wheel, from 0; see `src/worlds/camelot.ts`. @param minor 1 for minor, 0 for major */
function keyNumber(key: v128, minor: v128): v128 {
  const relative = f32x4.add(key, f32x4.mul(minor, f32x4.splat(3)));
  const fifths = f32x4.mul(f32x4.add(relative, ONE), f32x4.splat(7));
  const rounds = f32x4.floor(f32x4.mul(f32x4.add(fifths, f32x4.splat(0.5)), f32x4.splat(1.0 / 12.0)));
  return f32x4.sub(fifths, f32x4.mul(rounds, f32x4.splat(12)));
}

/** Steps on the Camelot wheel from what plays now, plus 1 where the mode differs. */
function keySteps(key: v128, mode: v128): v128 {
  const apart = f32x4.abs(f32x4.sub(keyNumber(key, f32x4.sub(ONE, mode)), everywhere(playingKeyNumber)));
  const steps = f32x4.min(apart, f32x4.sub(f32x4.splat(12), apart));
  return f32x4.add(steps, f32x4.abs(f32x4.sub(mode, everywhere(playingMode))));
}

/** Products of sixteen numbers of an embedding with those of the last tracks, in four sums. */
function part(embedding: usize, vector: usize): v128 {
  const bytes = v128.load(embedding);
  return i32x4.add(
    i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(bytes), v128.load(vector)),
    i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(bytes), v128.load(vector, 16)),
  );
}

/** Squares of sixteen numbers of an embedding, in four sums. */
function squaredPart(embedding: usize): v128 {
  const bytes = v128.load(embedding);
  const low = i16x8.extend_low_i8x16_s(bytes);
  const high = i16x8.extend_high_i8x16_s(bytes);
  return i32x4.add(i32x4.dot_i16x8_s(low, low), i32x4.dot_i16x8_s(high, high));
}

/** Four sums whose sum is the dot product of an embedding with the last tracks'. */
function dot(record: usize): v128 {
  const embedding = record + embeddingAt;
  return i32x4.add(
    i32x4.add(part(embedding, recentEmbedding), part(embedding + 16, recentEmbedding + 32)),
    i32x4.add(part(embedding + 32, recentEmbedding + 64), part(embedding + 48, recentEmbedding + 96)),
  );
}

/** Four sums whose sum is the squared length of an embedding. */
function squared(record: usize): v128 {
  const embedding = record + embeddingAt;
  return i32x4.add(
    i32x4.add(squaredPart(embedding), squaredPart(embedding + 16)),
    i32x4.add(squaredPart(embedding + 32), squaredPart(embedding + 48)),
  );
}

/** The four sums of each of four vectors, one a lane. */
function sums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
  return i32x4.add(v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), v128.shuffle<i32>(ab, cd, 2, 3, 6, 7));
}

/** Cosines of embeddings with the sum of the last tracks'; 0 where either has none. */
function similarity(ra: usize, rb: usize, rc: usize, rd: usize): v128 {
  const dots = f32x4.convert_i32x4_s(sums(dot(ra), dot(rb), dot(rc), dot(rd)));
  const squares = f32x4.convert_i32x4_s(sums(squared(ra), squared(rb), squared(rc), squared(rd)));
  const length = f32x4.sqrt(f32x4.max(squares, ONE));
  return f32x4.div(f32x4.mul(dots, everywhere(recentEmbeddingScale)), length);
}

export function audio(ra: usize, rb: usize, rc: usize, rd: usize, out: usize): void {
  const tempoLn = ln(lanes(ra + tempoBpmAt, rb + tempoBpmAt, rc + tempoBpmAt, rd + tempoBpmAt));
  const tempoLog2 = f32x4.mul(tempoLn, f32x4.splat(LOG2_E));
  put(out, folded(f32x4.sub(everywhere(playingTempoLog2), tempoLog2)));
  const key = lanes(ra + keyAt, rb + keyAt, rc + keyAt, rd + keyAt);
  put(out + 4, keySteps(key, lanes(ra + modeAt, rb + modeAt, rc + modeAt, rd + modeAt)));
  const energy = lanes(ra + energyAt, rb + energyAt, rc + energyAt, rd + energyAt);
  put(out + 8, f32x4.abs(f32x4.sub(energy, everywhere(playingEnergy))));
  const loudness = lanes(ra + loudnessAt, rb + loudnessAt, rc + loudnessAt, rd + loudnessAt);
  put(out + 12, f32x4.abs(f32x4.sub(loudness, everywhere(recentLoudness))));
  const year = yearOf(ra, rb, rc, rd);
  put(out + 16, lnOfDistance(f32x4.sub(year, everywhere(playingYear))));
  put(out + 20, lnOfDistance(f32x4.sub(year, everywhere(recentYear))));
  put(out + 24, similarity(ra, rb, rc, rd));
}
