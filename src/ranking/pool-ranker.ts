/** A ranker in worker threads: for models that would block the serving thread. */
import { bundleId, type Bundle } from './bundle.js';
import type { Manifest } from './manifest.js';
import { requireScorable, type OpenedRanker } from './opened-ranker.js';
import { RankerError, type HeadScores } from './ranker.js';
import { ScoreBlock } from './score-block.js';
import type { WorkerPool } from './worker-pool.js';

export class PoolRanker implements OpenedRanker {
  readonly placement = 'pool';
  readonly id: string;
  readonly features: readonly string[];
  private released = false;

  private constructor(
    private readonly pool: WorkerPool,
    private readonly manifest: Manifest,
    private readonly key: string,
  ) {
    this.id = bundleId(manifest);
    this.features = manifest.featureNames;
  }

  /**
   * Opens and warms the bundle's model in every worker.
   *
   * @param width rows of the largest request
   * @throws Error when a worker cannot
   */
  static async open(pool: WorkerPool, bundle: Bundle, width: number): Promise<PoolRanker> {
    const key = `${bundleId(bundle.manifest)} ${bundle.manifest.sha256} ${keys++}`;
    await pool.open(key, bundle, width);
    return new PoolRanker(pool, bundle.manifest, key);
  }

  async score(
    matrix: Float32Array<ArrayBuffer>,
    rows: number,
    signal: AbortSignal,
    deadlineMs = Infinity,
  ): Promise<HeadScores> {
    requireScorable(this.features, matrix, rows, signal);
    if (this.released) throw new RankerError('error', `${this.id} was released`);
    const scores = await this.pool.score(this.key, matrix, rows, signal, deadlineMs);
    return new ScoreBlock(this.manifest.heads, rows, scores);
  }

  async release(): Promise<void> {
    if (this.released) return;
    this.released = true;
    await this.pool.release(this.key);
  }
}

/** Two openings of one bundle are two sessions. */
let keys = 0;
