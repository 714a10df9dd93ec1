/** From a model's raw scores to what the stages use: combination, calibration, utility. The same in all placements. */
import type { Calibration, HeadName, Manifest } from './manifest.js';
import { RankerError, type HeadScores } from './ranker.js';
import type { ScoreBlock } from './score-block.js';

/**
 * Fills in the block's combination and utility.
 *
 * @param block with the raw scores of each head of the manifest
 * @throws RankerError `error` when a score is not finite, or a head that gives probabilities leaves [0, 1]
 */
export function headScores(manifest: Manifest, block: ScoreBlock): HeadScores {
  const { rows, combined } = block;
  combined.fill(0);
  for (const head of manifest.heads) {
    const scores = scoresOf(block, head);
    requireFinite(scores, head);
    const weight = manifest.combination[head] ?? 0;
    if (weight === 0) continue;
    for (let row = 0; row < rows; row++) combined[row] += weight * scores[row];
  }
  requireFinite(combined, 'combination');
  fillUtility(manifest, block);
  return block;
}

function scoresOf({ heads }: ScoreBlock, head: HeadName): Float32Array {
  const scores = heads[head];
  if (scores === undefined) throw new RankerError('error', `${head}: no scores`);
  return scores;
}

function requireFinite(scores: Float32Array, head: string): void {
  // Zero, unless one of them is infinite or no number.
  let zeros = 0;
  for (let row = 0; row < scores.length; row++) zeros += scores[row] * 0;
  if (zeros === 0) return;
  const row = scores.findIndex((score) => !Number.isFinite(score));
  throw new RankerError('error', `${head}: score of row ${row} is ${scores[row]}; allowed: a finite number`);
}

function fillUtility(manifest: Manifest, block: ScoreBlock): void {
  const { rows, utility: out } = block;
  const { utility, calibration } = manifest;
  out.fill(utility.bias);
  for (const head of manifest.heads) {
    const weight = utility.weights[head] ?? 0;
    const kind = calibration[head];
    if (weight === 0 || kind === undefined) continue;
    addCalibrated(out, scoresOf(block, head), weight, kind, head);
  }
  for (let row = 0; row < rows; row++) {
    const value = out[row];
    if (value > 1) out[row] = 1;
    else if (value < 0) out[row] = 0;
  }
}

/** Adds the probabilities that a head's scores stand for, times `weight`. @see calibrationSchema */
function addCalibrated(
  out: Float32Array,
  scores: Float32Array,
  weight: number,
  calibration: Calibration,
  head: string,
): void {
  const rows = out.length;
  switch (calibration.kind) {
    case 'platt': {
      const { a, b } = calibration;
      for (let row = 0; row < rows; row++) out[row] += weight / (1 + Math.exp(-(a * scores[row] + b)));
      return;
    }
    case 'isotonic': {
      const { points } = calibration;
      for (let row = 0; row < rows; row++) out[row] += weight * interpolate(points, scores[row]);
      return;
    }
    case 'identity':
      for (let row = 0; row < rows; row++) {
        const score = scores[row];
        if (!(score >= -1e-6 && score <= 1 + 1e-6)) {
          throw new RankerError('error', `${head}: given ${score}; allowed: a probability, as it is not calibrated`);
        }
        out[row] += weight * score;
      }
  }
}

/** Between two points linearly; the first and the last point's probability outside. */
export function interpolate(points: readonly (readonly [number, number])[], score: number): number {
  let low = 0;
  let high = points.length - 1;
  if (score <= points[low][0]) return points[low][1];
  if (score >= points[high][0]) return points[high][1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (points[middle][0] <= score) low = middle;
    else high = middle;
  }
  const [x0, y0] = points[low];
  const [x1, y1] = points[high];
  return y0 + ((y1 - y0) * (score - x0)) / (x1 - x0);
}
