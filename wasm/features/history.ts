/** What the listener played of a track, counted in their own plays; see `src/features/definitions/history.ts`. */
import {
  completions,
  frequencyLn,
  gapBins,
  gapMean,
  gapMinimum,
  hazardLn,
  last,
  lastGapLn,
  now,
  nowLn,
  plays,
  skips,
} from './layout';
import { everywhere, lanes, ln, orMissing, put } from './lanes';

/** Bin b starts at a gap of 4 e^(0.2 b); see `src/features/gap-bins.ts`. */
const FIRST_BIN_LN: f32 = 1.3862943611198906;
const BINS_PER_LN: f32 = 5;

const ONE = f32x4.splat(1);

/** ln of the plays since the last one; NaN where it was never played. */
export function gapLnOf(positions: v128): v128 {
  const gaps = f32x4.convert_i32x4_s(i32x4.sub(everywhere(now), positions));
  return orMissing(ln(gaps), i32x4.ge_s(positions, i32x4.splat(0)));
}

/** What a table by gap bin holds for each gap; for NaN the first bin's. */
export function byGapBin(table: usize, gapLn: v128): v128 {
  const above = f32x4.mul(f32x4.sub(gapLn, f32x4.splat(FIRST_BIN_LN)), f32x4.splat(BINS_PER_LN));
  const rounded = i32x4.trunc_sat_f32x4_s(f32x4.max(above, f32x4.splat(0)));
  const bins = i32x4.min_s(rounded, i32x4.splat(gapBins - 1));
  return lanes(
    table + 4 * i32x4.extract_lane(bins, 0),
    table + 4 * i32x4.extract_lane(bins, 1),
    table + 4 * i32x4.extract_lane(bins, 2),
    table + 4 * i32x4.extract_lane(bins, 3),
  );
}

export function history(a: usize, b: usize, c: usize, d: usize, out: usize): void {
  const positions = lanes(last + a, last + b, last + c, last + d);
  const played = i32x4.ge_s(positions, i32x4.splat(0));
  const count = lanes(plays + a, plays + b, plays + c, plays + d);
  const countLn = ln(count);
  const gapLn = gapLnOf(positions);
  const allLn = everywhere(nowLn);
  put(out, ln(f32x4.add(count, ONE)));
  put(out + 4, f32x4.sub(allLn, countLn));
  put(out + 8, gapLn);
  put(out + 12, f32x4.sub(f32x4.add(gapLn, countLn), allLn));
  put(out + 16, f32x4.sub(gapLn, ln(lanes(gapMean + a, gapMean + b, gapMean + c, gapMean + d))));
  put(out + 20, f32x4.sub(gapLn, ln(lanes(gapMinimum + a, gapMinimum + b, gapMinimum + c, gapMinimum + d))));
  put(out + 24, f32x4.sub(gapLn, everywhere(lastGapLn)));
  put(out + 28, orMissing(byGapBin(hazardLn, gapLn), played));
  put(out + 32, orMissing(byGapBin(frequencyLn, gapLn), played));
  const skipped = lanes(skips + a, skips + b, skips + c, skips + d);
  const ended = f32x4.add(skipped, lanes(completions + a, completions + b, completions + c, completions + d));
  const share = f32x4.div(f32x4.add(skipped, ONE), f32x4.add(ended, f32x4.splat(3)));
  put(out + 36, orMissing(share, f32x4.ne(ended, f32x4.splat(0))));
}
