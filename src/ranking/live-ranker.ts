/** A ranker that serves, until a later version took its place and the last request that used it is done. */
import type { OpenedRanker } from './opened-ranker.js';
import { RankerError, type HeadScores, type Ranker } from './ranker.js';

export class LiveRanker implements Ranker {
  readonly id: string;
  readonly features: readonly string[];
  readonly placement: 'inline' | 'pool';
  private running = 0;
  private retired = false;
  private readonly released = Promise.withResolvers<undefined>();

  constructor(private readonly opened: OpenedRanker) {
    this.id = opened.id;
    this.features = opened.features;
    this.placement = opened.placement;
  }

  async score(
    matrix: Float32Array<ArrayBuffer>,
    rows: number,
    signal: AbortSignal,
    deadlineMs?: number,
  ): Promise<HeadScores> {
    if (this.retired) throw new RankerError('error', `${this.id} is retired`);
    this.running++;
    try {
      return await this.opened.score(matrix, rows, signal, deadlineMs);
    } finally {
      this.running--;
      this.releaseWhenUnused();
    }
  }

  /**
   * Takes no more work after `graceMs`, in which requests that were given this ranker come to use it; settles when
   * the model is freed.
   */
  async retire(graceMs: number): Promise<void> {
    const timer = setTimeout(() => {
      this.retired = true;
      this.releaseWhenUnused();
    }, graceMs);
    // Only while others serve: a process that closes its last ranker waits for it.
    if (graceMs > 0) timer.unref();
    await this.released.promise;
  }

  private releaseWhenUnused(): void {
    if (!this.retired || this.running > 0) return;
    const released = (): void => {
      this.released.resolve(undefined);
    };
    this.opened.release().then(released, released);
  }
}
