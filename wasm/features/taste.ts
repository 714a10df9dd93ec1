/** How the track fits what the listener plays at other times; see `src/features/definitions/taste.ts`. */
import {
  artistShareLn,
  danceabilityAt,
  dynamicComplexityAt,
  energyAt,
  loudnessAt,
  onsetRateAt,
  releaseYearAt,
  tasteMeans,
  tasteScales,
  tasteYear,
  tempoBpmAt,
  yearBase,
} from './layout';
import { byArtist } from './artist';
import { everywhere, lanes, lnOfDistance, put } from './lanes';

/** Most that one attribute counts, squared. */
const SQUARE_MAX: f32 = 25;

/** Squared deviation of an attribute from the listener's mean; NaN where it is missing. @param i place in `tasteMeans` */
function square(attribute: v128, i: i32): v128 {
  const off = f32x4.sub(attribute, everywhere(tasteMeans + 4 * i));
  const deviations = f32x4.mul(off, everywhere(tasteScales + 4 * i));
  return f32x4.min(f32x4.mul(deviations, deviations), f32x4.splat(SQUARE_MAX));
}

/** Set where there is a number. */
function present(value: v128): v128 {
  return f32x4.eq(value, value);
}

/** Zero where there is no number. */
function orZero(value: v128): v128 {
  return v128.and(value, present(value));
}

/** Root of the mean square over the attributes that are there; NaN where none is. */
function distance(tempo: v128, loudness: v128, dance: v128, onsets: v128, complexity: v128, energy: v128): v128 {
  const t = square(tempo, 0);
  const l = square(loudness, 1);
  const p = square(dance, 2);
  const o = square(onsets, 3);
  const x = square(complexity, 4);
  const e = square(energy, 5);
  const sum = f32x4.add(
    f32x4.add(f32x4.add(orZero(t), orZero(l)), f32x4.add(orZero(p), orZero(o))),
    f32x4.add(orZero(x), orZero(e)),
  );
  // A mask is -1 where it is set.
  const count = i32x4.add(
    i32x4.add(i32x4.add(present(t), present(l)), i32x4.add(present(p), present(o))),
    i32x4.add(present(x), present(e)),
  );
  return f32x4.sqrt(f32x4.div(sum, f32x4.neg(f32x4.convert_i32x4_s(count))));
}

/** Years from `yearBase`. */
export function yearOf(ra: usize, rb: usize, rc: usize, rd: usize): v128 {
  const years = lanes(ra + releaseYearAt, rb + releaseYearAt, rc + releaseYearAt, rd + releaseYearAt);
  return f32x4.sub(years, f32x4.splat(yearBase));
}

export function taste(artists: v128, ra: usize, rb: usize, rc: usize, rd: usize, out: usize): void {
  put(
    out,
    distance(
      lanes(ra + tempoBpmAt, rb + tempoBpmAt, rc + tempoBpmAt, rd + tempoBpmAt),
      lanes(ra + loudnessAt, rb + loudnessAt, rc + loudnessAt, rd + loudnessAt),
      lanes(ra + danceabilityAt, rb + danceabilityAt, rc + danceabilityAt, rd + danceabilityAt),
      lanes(ra + onsetRateAt, rb + onsetRateAt, rc + onsetRateAt, rd + onsetRateAt),
      lanes(ra + dynamicComplexityAt, rb + dynamicComplexityAt, rc + dynamicComplexityAt, rd + dynamicComplexityAt),
      lanes(ra + energyAt, rb + energyAt, rc + energyAt, rd + energyAt),
    ),
  );
  put(out + 4, byArtist(artistShareLn, artists));
  put(out + 8, lnOfDistance(f32x4.sub(yearOf(ra, rb, rc, rd), everywhere(tasteYear))));
}
