/** A ranker on the serving thread, which its runs block: for models of well under a millisecond. */
import { bundleId, readModel, type Bundle } from './bundle.js';
import { goldenMatrix } from './golden.js';
import { headScores } from './heads.js';
import type { Manifest } from './manifest.js';
import { ModelSession } from './model-session.js';
import { asRankerError, requireScorable, type OpenedRanker } from './opened-ranker.js';
import { RankerError, type HeadScores } from './ranker.js';

/** Runs that may wait for the thread at once. */
const WAITING_MAX = 64;
const WARM_UP_RUNS = 20;

export class InlineRanker implements OpenedRanker {
  readonly placement = 'inline';
  readonly id: string;
  readonly features: readonly string[];
  private waiting = 0;
  private released = false;

  private constructor(
    private readonly session: ModelSession,
    private readonly manifest: Manifest,
  ) {
    this.id = bundleId(manifest);
    this.features = manifest.featureNames;
  }

  /**
   * Opens the bundle's model and runs it until it is warm.
   *
   * @param width rows of the largest request
   * @throws BundleError when the model is not the manifest's
   */
  static async open(bundle: Bundle, width: number): Promise<InlineRanker> {
    const session = await ModelSession.open(await readModel(bundle), bundle.manifest);
    for (let run = 0; run < WARM_UP_RUNS; run++) await session.run(goldenMatrix(bundle.golden, width), width);
    return new InlineRanker(session, bundle.manifest);
  }

  async score(
    matrix: Float32Array<ArrayBuffer>,
    rows: number,
    signal: AbortSignal,
    deadlineMs = Infinity,
  ): Promise<HeadScores> {
    requireScorable(this.features, matrix, rows, signal);
    if (this.released) throw new RankerError('error', `${this.id} was released`);
    if (this.waiting >= WAITING_MAX) throw new RankerError('overload', `${WAITING_MAX} runs wait already`);
    if (performance.now() > deadlineMs) throw new RankerError('timeout', 'no time was left to score');
    this.waiting++;
    try {
      const scores = headScores(this.manifest, await this.session.run(matrix, rows), rows);
      if (signal.aborted) throw new RankerError('timeout', 'the request ended while it was scored');
      return scores;
    } catch (error) {
      throw asRankerError(error);
    } finally {
      this.waiting--;
    }
  }

  async release(): Promise<void> {
    if (this.released) return;
    this.released = true;
    await this.session.release();
  }
}
