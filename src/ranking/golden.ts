/** Rows of feature values and the scores that a bundle must give for them: `golden.json`. */
import { z } from 'zod';
import { FEATURES_MAX, HEADS, type Manifest } from './manifest.js';

export const GOLDEN_ROWS_MAX = 256;
/** A score may differ from the golden one by this much, or by this share of it where it is larger than 1. */
export const GOLDEN_TOLERANCE = 1e-4;

export const goldenSchema = z.strictObject({
  /** Feature values in the manifest's order; null is a missing value. */
  rows: z.array(z.array(z.number().nullable()).min(1).max(FEATURES_MAX)).min(1).max(GOLDEN_ROWS_MAX),
  scores: z.partialRecord(z.enum(HEADS), z.array(z.number()).max(GOLDEN_ROWS_MAX)),
  /** The manifest's combination of the heads. */
  combined: z.array(z.number()).max(GOLDEN_ROWS_MAX),
});

export type Golden = z.infer<typeof goldenSchema>;

/** Why the golden rows do not fit the manifest, or undefined. */
export function goldenMisfit(golden: Golden, manifest: Manifest): string | undefined {
  const width = manifest.featureNames.length;
  const rows = golden.rows.length;
  const odd = golden.rows.findIndex((row) => row.length !== width);
  if (odd >= 0) return `rows[${odd}]: given ${golden.rows[odd]?.length ?? 0} values; allowed: ${width}, one a feature`;
  for (const head of manifest.heads) {
    const given = golden.scores[head]?.length ?? 0;
    if (given !== rows) return `scores.${head}: given ${given} values; allowed: ${rows}, one a row`;
  }
  const extra = Object.keys(golden.scores).find((head) => !manifest.heads.some((known) => known === head));
  if (extra !== undefined) return `scores.${extra}: not a head of the manifest; allowed: ${manifest.heads.join(', ')}`;
  if (golden.combined.length !== rows) {
    return `combined: given ${golden.combined.length} values; allowed: ${rows}, one a row`;
  }
  return undefined;
}

/** The golden rows repeated until there are `rows`, row-major; missing is NaN. */
export function goldenMatrix(golden: Golden, rows: number): Float32Array<ArrayBuffer> {
  const width = golden.rows[0]?.length ?? 0;
  const matrix = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    const values = golden.rows[row % golden.rows.length] ?? [];
    for (let i = 0; i < width; i++) matrix[row * width + i] = values[i] ?? NaN;
  }
  return matrix;
}

export function withinTolerance(given: number, expected: number): boolean {
  return Math.abs(given - expected) <= GOLDEN_TOLERANCE * Math.max(1, Math.abs(expected));
}
