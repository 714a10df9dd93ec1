/** A ranker whose model is open, and what both placements check before they score. */
import { RankerError, type Ranker } from './ranker.js';

export interface OpenedRanker extends Ranker {
  /** Frees the model; scores asked for afterwards fail. */
  release(): Promise<void>;
}

/** @throws RankerError `timeout` when nobody waits any more, `error` when the matrix is not rows times features */
export function requireScorable(
  features: readonly string[],
  matrix: Float32Array,
  rows: number,
  signal: AbortSignal,
): void {
  if (signal.aborted) throw new RankerError('timeout', 'the request ended before it was scored');
  if (!Number.isInteger(rows) || rows < 0 || matrix.length !== rows * features.length) {
    throw new RankerError(
      'error',
      `matrix: given ${matrix.length} values; allowed: ${rows} rows of ${features.length} features`,
    );
  }
}

/** Whatever was thrown, as a RankerError. */
export function asRankerError(error: unknown): RankerError {
  if (error instanceof RankerError) return error;
  return new RankerError('error', error instanceof Error ? error.message : String(error), { cause: error });
}
