/** The step from what plays now to the track; see `src/features/definitions/audio.ts`. */
import {
  embeddingAt,
  embeddingScaleAt,
  energyAt,
  keyCodeAt,
  loudnessAt,
  playingEnergy,
  playingKeyCode,
  playingTempoLog2,
  playingYear,
  recentEmbedding,
  recentEmbeddingScale,
  recentLoudness,
  recentYear,
  tempoLog2At,
} from './layout';
import { everywhere, lanes, lnOfDistance, put } from './lanes';
import { yearOf } from './taste';

/** Octaves from the nearest whole number of them: 0 to 0.5. */
function folded(octaves: v128): v128 {
  return f32x4.abs(f32x4.sub(octaves, f32x4.nearest(octaves)));
}

/** Steps on the Camelot wheel between two key codes, plus 1 where the letter differs; see `src/worlds/camelot.ts`. */
function keySteps(one: v128, other: v128): v128 {
  const number = f32x4.floor(f32x4.mul(one, f32x4.splat(0.5)));
  const otherNumber = f32x4.floor(f32x4.mul(other, f32x4.splat(0.5)));
  const apart = f32x4.abs(f32x4.sub(number, otherNumber));
  const letter = f32x4.sub(one, f32x4.add(number, number));
  const otherLetter = f32x4.sub(other, f32x4.add(otherNumber, otherNumber));
  const steps = f32x4.min(apart, f32x4.sub(f32x4.splat(12), apart));
  return f32x4.add(steps, f32x4.abs(f32x4.sub(letter, otherLetter)));
}

/** Products of sixteen numbers of an embedding with those of the last tracks, in four sums. */
function part(embedding: usize, vector: usize): v128 {
  const bytes = v128.load(embedding);
  return i32x4.add(
    i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(bytes), v128.load(vector)),
    i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(bytes), v128.load(vector, 16)),
  );
}

/** Four sums whose sum is the dot product of an embedding with the last tracks'. */
function dot(record: usize): v128 {
  const embedding = record + embeddingAt;
  return i32x4.add(
    i32x4.add(part(embedding, recentEmbedding), part(embedding + 16, recentEmbedding + 32)),
    i32x4.add(part(embedding + 32, recentEmbedding + 64), part(embedding + 48, recentEmbedding + 96)),
  );
}

/** The four sums of each of four vectors, one a lane. */
function sums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
  return i32x4.add(v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), v128.shuffle<i32>(ab, cd, 2, 3, 6, 7));
}

export function audio(
  ra: usize,
  rb: usize,
  rc: usize,
  rd: usize,
  ta: usize,
  tb: usize,
  tc: usize,
  td: usize,
  out: usize,
): void {
  const tempo = lanes(ta + tempoLog2At, tb + tempoLog2At, tc + tempoLog2At, td + tempoLog2At);
  put(out, folded(f32x4.sub(everywhere(playingTempoLog2), tempo)));
  put(
    out + 4,
    keySteps(everywhere(playingKeyCode), lanes(ta + keyCodeAt, tb + keyCodeAt, tc + keyCodeAt, td + keyCodeAt)),
  );
  const energy = lanes(ra + energyAt, rb + energyAt, rc + energyAt, rd + energyAt);
  put(out + 8, f32x4.abs(f32x4.sub(energy, everywhere(playingEnergy))));
  const loudness = lanes(ra + loudnessAt, rb + loudnessAt, rc + loudnessAt, rd + loudnessAt);
  put(out + 12, f32x4.abs(f32x4.sub(loudness, everywhere(recentLoudness))));
  const year = yearOf(ra, rb, rc, rd);
  put(out + 16, lnOfDistance(f32x4.sub(year, everywhere(playingYear))));
  put(out + 20, lnOfDistance(f32x4.sub(year, everywhere(recentYear))));
  const dots = f32x4.convert_i32x4_s(sums(dot(ra), dot(rb), dot(rc), dot(rd)));
  const scale = lanes(ta + embeddingScaleAt, tb + embeddingScaleAt, tc + embeddingScaleAt, td + embeddingScaleAt);
  put(out + 24, f32x4.mul(f32x4.mul(dots, scale), everywhere(recentEmbeddingScale)));
}
