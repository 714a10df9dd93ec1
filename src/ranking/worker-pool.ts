/** Worker threads that score, as many as cores; each holds every open bundle and does one thing at a time. */
import { firstLine } from './bundle-error.js';
import type { Bundle } from './bundle.js';
import { JobQueue } from './job-queue.js';
import type { Answer, Question } from './pool-messages.js';
import { RankerError } from './ranker.js';
import { RankingWorker } from './ranking-worker.js';
import { RestartDelay } from './restart-delay.js';

export interface PoolOptions {
  readonly size: number;
  /** Requests that may wait at once; one more is refused as overload. */
  readonly queueMax: number;
  /** A worker that scores one request for longer is stuck: above the largest budget. */
  readonly stuckAfterMs: number;
  readonly nowMs: () => number;
  /** Told once, after the second stuck worker: the process should drain, and then end by SIGKILL (see `threadsLeft`). */
  readonly onPoisoned: (reason: string) => void;
  readonly workerEntry: URL;
}

export const POOL_WORKER = new URL('./pool-worker.js', import.meta.url);
export const STUCK_AFTER_MS = 4000;
export const QUEUE_MAX = 128;

const OPEN_MS_MAX = 60_000;
const WATCH_MS = 50;
const CLOSE_MS = 2000;
const STUCK_MAX = 2;

interface Job {
  readonly key: string;
  readonly matrix: Float32Array<ArrayBuffer>;
  readonly rows: number;
  readonly deadlineMs: number;
  readonly settle: (result: Float32Array<ArrayBuffer> | RankerError) => void;
}

export class WorkerPool {
  private readonly workers = new Set<RankingWorker>();
  private readonly stuck = new Set<RankingWorker>();
  private readonly threads = new Set<RankingWorker>();
  private readonly bundles = new Map<string, { readonly bundle: Bundle; readonly width: number }>();
  private readonly queue: JobQueue<Job>;
  private readonly restarts: RestartDelay;
  private readonly watch: NodeJS.Timeout;
  private closing = false;
  private poison: string | undefined;

  constructor(private readonly options: PoolOptions) {
    this.queue = new JobQueue(options.queueMax);
    this.restarts = new RestartDelay(options.nowMs);
    for (let i = 0; i < options.size; i++) this.workers.add(this.start());
    this.watch = setInterval(() => {
      this.quarantine();
    }, WATCH_MS).unref();
  }

  /** Threads that have not ended. After `close` these are stuck, and `process.exit` would wait for them for ever: end by SIGKILL. */
  get threadsLeft(): number {
    return this.threads.size;
  }

  /**
   * Opens and warms a bundle in all workers, one after another, so that the others go on scoring.
   *
   * @throws Error when a worker cannot
   */
  async open(key: string, bundle: Bundle, width: number): Promise<void> {
    this.bundles.set(key, { bundle, width });
    try {
      for (const worker of [...this.workers]) await this.openIn(worker, key);
    } catch (error) {
      await this.release(key);
      throw error;
    }
  }

  async release(key: string): Promise<void> {
    this.bundles.delete(key);
    for (const worker of [...this.workers]) {
      if (!worker.keys.delete(key)) continue;
      await this.tend(worker, { ask: 'release', key }, this.options.stuckAfterMs).catch(() => undefined);
    }
  }

  /**
   * @returns packed as Answer's `scores`
   * @throws RankerError
   */
  async score(
    key: string,
    matrix: Float32Array<ArrayBuffer>,
    rows: number,
    signal: AbortSignal,
    deadlineMs: number,
  ): Promise<Float32Array<ArrayBuffer>> {
    if (this.closing) throw new RankerError('error', 'the pool is closed');
    if (this.poison !== undefined && this.workers.size === 0) throw new RankerError('error', this.poison);
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.queue.remove(job);
        job.settle(new RankerError('timeout', 'the request ended before it was scored'));
      };
      const job: Job = {
        key,
        matrix,
        rows,
        deadlineMs,
        settle: (result) => {
          signal.removeEventListener('abort', onAbort);
          if (result instanceof RankerError) reject(result);
          else resolve(result);
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      if (this.queue.add(job)) this.dispatch();
      else job.settle(new RankerError('overload', `${this.options.queueMax} requests wait for a worker already`));
    });
  }

  /** Lets running work end and the threads end by themselves; a stuck one is left behind. */
  async close(): Promise<void> {
    this.closing = true;
    clearInterval(this.watch);
    for (const job of this.queue.drain()) job.settle(new RankerError('error', 'the pool is closed'));
    await Promise.all(
      [...this.workers].map(async (worker) => {
        await worker.close(CLOSE_MS);
        if (!this.threads.has(worker)) return;
        this.workers.delete(worker);
        worker.abandon('the pool is closed');
      }),
    );
  }

  private dispatch(): void {
    for (const worker of this.workers) {
      while (worker.idle && worker.reserved === 0) {
        const job = this.queue.take(({ key }) => worker.keys.has(key));
        if (job === undefined) break;
        if (this.options.nowMs() > job.deadlineMs) {
          job.settle(new RankerError('timeout', 'waited for a worker until its time was over'));
          continue;
        }
        void this.run(worker, job);
      }
    }
  }

  private async run(worker: RankingWorker, { key, matrix, rows, settle }: Job): Promise<void> {
    const owned = matrix.length * 4 === matrix.buffer.byteLength ? matrix : matrix.slice();
    try {
      const overdueAtMs = this.options.nowMs() + this.options.stuckAfterMs;
      const answer = await worker.ask({ ask: 'score', key, matrix: owned, rows }, [owned.buffer], overdueAtMs);
      settle(scoresOf(answer));
    } catch (error) {
      settle(new RankerError('error', firstLine(error), { cause: error }));
    }
    this.dispatch();
  }

  private start(): RankingWorker {
    const worker = new RankingWorker(this.options.workerEntry, (why) => {
      this.threads.delete(worker);
      if (this.stuck.delete(worker)) return;
      this.workers.delete(worker);
      this.replace(why);
    });
    this.threads.add(worker);
    return worker;
  }

  private replace(why: string): void {
    if (this.closing) return;
    if (this.poison !== undefined) {
      if (this.workers.size === 0) this.failAll(`${this.poison}; ${why}`);
      return;
    }
    setTimeout(() => {
      if (this.closing || this.poison !== undefined) return;
      const worker = this.start();
      this.workers.add(worker);
      void this.refill(worker);
    }, this.restarts.next()).unref();
  }

  private async refill(worker: RankingWorker): Promise<void> {
    for (const key of [...this.bundles.keys()]) {
      // What it cannot open it does not serve; another worker may.
      await this.openIn(worker, key).catch(() => undefined);
    }
  }

  private async openIn(worker: RankingWorker, key: string): Promise<void> {
    const entry = this.bundles.get(key);
    if (entry === undefined || worker.keys.has(key)) return;
    const answer = await this.tend(worker, { ask: 'open', key, ...entry }, OPEN_MS_MAX);
    if (answer === undefined) return;
    if ('failed' in answer) throw new Error(answer.failed);
    worker.keys.add(key);
    this.dispatch();
  }

  /** Asks once the worker has nothing to do, before further scoring; undefined when it is gone or stuck by then. */
  private async tend(worker: RankingWorker, question: Question, ms: number): Promise<Answer | undefined> {
    worker.reserved++;
    try {
      while (this.workers.has(worker) && !worker.idle) await worker.untilSettled();
      if (!this.workers.has(worker)) return undefined;
      return await worker.ask(question, [], this.options.nowMs() + ms);
    } finally {
      worker.reserved--;
      this.dispatch();
    }
  }

  private quarantine(): void {
    const nowMs = this.options.nowMs();
    for (const worker of this.workers) {
      if (!worker.overdue(nowMs)) continue;
      this.workers.delete(worker);
      this.stuck.add(worker);
      const reason = `a ranking worker has not answered for ${this.options.stuckAfterMs} ms`;
      worker.abandon(reason);
      if (this.stuck.size >= STUCK_MAX && this.poison === undefined) {
        this.poison = `${this.stuck.size} ranking workers are stuck`;
        this.options.onPoisoned(this.poison);
      }
      this.replace(reason);
    }
  }

  private failAll(reason: string): void {
    for (const job of this.queue.drain()) job.settle(new RankerError('error', reason));
  }
}

function scoresOf(answer: Answer): Float32Array<ArrayBuffer> | RankerError {
  if ('failed' in answer) return new RankerError('error', answer.failed);
  if ('scores' in answer) return answer.scores;
  return new RankerError('error', 'the ranking worker answered without scores');
}
