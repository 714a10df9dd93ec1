/** How much everybody plays a track; see `src/features/definitions/popularity.ts`. */
import { logPlaysAt, popularBit, popularityLnAt, popularSource, sources } from './layout';
import { lanes, put } from './lanes';
import { rankLn } from './retrieval';

/**
 * @param ra to rd the candidates' records
 * @param ta to td their terms
 */
export function popularity(
  a: usize,
  b: usize,
  c: usize,
  d: usize,
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
  put(out, lanes(ta + popularityLnAt, tb + popularityLnAt, tc + popularityLnAt, td + popularityLnAt));
  put(out + 4, lanes(ra + logPlaysAt, rb + logPlaysAt, rc + logPlaysAt, rd + logPlaysAt));
  const by = lanes(sources + a, sources + b, sources + c, sources + d);
  put(out + 8, rankLn(by, popularBit, popularSource, a, b, c, d));
}
