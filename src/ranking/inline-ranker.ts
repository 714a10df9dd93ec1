/** A ranker on the serving thread, which its runs block: for models of well under a millisecond. */
import { bundleId, readModel, type Bundle } from './bundle.js';
import { goldenMatrix } from './golden.js';
import { headScores } from './heads.js';
import type { Manifest } from './manifest.js';
import { ModelSession } from './model-session.js';
import { asRankerError, requireScorable, type OpenedRanker } from './opened-ranker.js';
import { RankerError, type HeadScores } from './ranker.js';
import { ScoreBlock } from './score-block.js';

/** Runs that may wait for the thread at once. */
const WAITING_MAX = 64;
const WARM_UP_RUNS = 20;

export class InlineRanker implements OpenedRanker {
  readonly placement = 'inline';
  readonly id: string;
  readonly features: readonly string[];
  private waiting = 0;
  private block: ScoreBlock;
  private released = false;

  private constructor(
    private readonly session: ModelSession,
    private readonly manifest: Manifest,
    width: number,
  ) {
    this.block = new ScoreBlock(manifest.heads, width);
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
    const ranker = new InlineRanker(session, bundle.manifest, width);
    const matrix = goldenMatrix(bundle.golden, width);
    for (let run = 0; run < WARM_UP_RUNS; run++) await session.run(matrix, ranker.block);
    return ranker;
  }

  /** The scores are lent for this turn of the event loop: the next run writes over them. */
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
      const block = this.blockOf(rows);
      await this.session.run(matrix, block);
      const scores = headScores(this.manifest, block);
      if (signal.aborted) throw new RankerError('timeout', 'the request ended while it was scored');
      return scores;
    } catch (error) {
      throw asRankerError(error);
    } finally {
      this.waiting--;
    }
  }

  private blockOf(rows: number): ScoreBlock {
    if (this.block.rows !== rows) this.block = new ScoreBlock(this.manifest.heads, rows);
    return this.block;
  }

  async release(): Promise<void> {
    if (this.released) return;
    this.released = true;
    await this.session.release();
  }
}
