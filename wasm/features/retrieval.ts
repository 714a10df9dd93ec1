/** What the sources said of a candidate; see `src/features/definitions/retrieval.ts`. */
import {
  contextBit,
  neighboursBit,
  neighboursSource,
  organicBits,
  poolBit,
  poolSource,
  ranks,
  scores,
  seedScores,
  sourceCount,
  sources,
} from './layout';
import { lanes, ln, orMissing, put } from './lanes';

const ONE = f32x4.splat(1);

/** Set where the source named the candidate. */
export function namedBy(by: v128, bit: i32): v128 {
  return i32x4.ne(v128.and(by, i32x4.splat(bit)), i32x4.splat(0));
}

/** Of what a source said of the four candidates. */
export function ofSource(table: usize, source: usize, a: usize, b: usize, c: usize, d: usize): v128 {
  const from = table + 4 * source;
  return lanes(from + sourceCount * a, from + sourceCount * b, from + sourceCount * c, from + sourceCount * d);
}

/** ln(1 + rank) where the source named the candidate. */
export function rankLn(by: v128, bit: i32, source: usize, a: usize, b: usize, c: usize, d: usize): v128 {
  return orMissing(ln(f32x4.add(ofSource(ranks, source, a, b, c, d), ONE)), namedBy(by, bit));
}

export function retrieval(a: usize, b: usize, c: usize, d: usize, out: usize): void {
  const by = lanes(sources + a, sources + b, sources + c, sources + d);
  put(out, orMissing(ln(ofSource(scores, neighboursSource, a, b, c, d)), namedBy(by, neighboursBit)));
  put(out + 4, ln(lanes(seedScores + a, seedScores + b, seedScores + c, seedScores + d)));
  put(out + 8, rankLn(by, neighboursBit, neighboursSource, a, b, c, d));
  put(out + 12, rankLn(by, poolBit, poolSource, a, b, c, d));
  put(out + 16, v128.and(ONE, namedBy(by, contextBit)));
  // A lane's other bytes are zero, so that the bits of its first byte are those of the lane.
  const organic = i8x16.popcnt(v128.and(by, i32x4.splat(organicBits)));
  put(out + 20, f32x4.convert_i32x4_s(organic));
}
