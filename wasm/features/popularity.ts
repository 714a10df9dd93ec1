/** How much everybody plays a track; see `src/features/definitions/popularity.ts`. */
import { logPlaysAt, popularBit, popularityAt, popularSource, sources } from './layout';
import { lanes, ln, put } from './lanes';
import { rankLn } from './retrieval';

/** Least popularity that counts. */
const POPULARITY_MIN: f32 = 1e-5;

/** @param ra to rd the candidates' records */
export function popularity(
  a: usize,
  b: usize,
  c: usize,
  d: usize,
  ra: usize,
  rb: usize,
  rc: usize,
  rd: usize,
  out: usize,
): void {
  const share = lanes(ra + popularityAt, rb + popularityAt, rc + popularityAt, rd + popularityAt);
  put(out, ln(f32x4.max(share, f32x4.splat(POPULARITY_MIN))));
  put(out + 4, lanes(ra + logPlaysAt, rb + logPlaysAt, rc + logPlaysAt, rd + logPlaysAt));
  const by = lanes(sources + a, sources + b, sources + c, sources + d);
  put(out + 8, rankLn(by, popularBit, popularSource, a, b, c, d));
}
