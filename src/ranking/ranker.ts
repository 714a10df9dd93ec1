/** Scores rows of features. */
import type { HeadName } from './manifest.js';

/** Perhaps lent for one turn of the event loop: whoever keeps scores copies them. */
export interface HeadScores {
  /** By head name (`relevance`, `p_complete`, `p_skip`, `p_save`), one score a row. */
  readonly heads: Readonly<Partial<Record<HeadName, Float32Array>>>;
  /** The manifest's combination: what the order is by. */
  readonly combined: Float32Array;
  /** Calibrated utility in [0, 1], given that the track starts. */
  readonly utility: Float32Array;
}

export interface Ranker {
  /** `name@version` */
  readonly id: string;
  /** Names of the features of a row, in order. */
  readonly features: readonly string[];
  readonly placement: 'inline' | 'pool';
  /**
   * `matrix` is row-major, `rows * features.length` float32; the caller must not touch it until this settles.
   * Rejects with RankerError `timeout` when the signal is aborted, `overload` when the queue is full, else `error`.
   *
   * @param deadlineMs when the scores stop being of use, by `performance.now()`; a pool takes the earliest first
   */
  score(matrix: Float32Array<ArrayBuffer>, rows: number, signal: AbortSignal, deadlineMs?: number): Promise<HeadScores>;
}

export class RankerError extends Error {
  override readonly name = 'RankerError';

  constructor(
    readonly reason: 'timeout' | 'overload' | 'error',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The bundles that may serve, by what they are bound to. */
export interface Rankers {
  /** The ranker to use on data of this fingerprint, or why there is none. */
  forWorld(dataFingerprint: string, name: string): Ranker | { readonly unavailable: string };
  close(): Promise<void>;
}
