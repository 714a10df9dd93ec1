/** Worker threads that score, as many as cores; each holds every open bundle and does one thing at a time. */
import { firstLine } from './bundle-error.js';
import { bundleId, type Bundle } from './bundle.js';
import { JobQueue } from './job-queue.js';
import type { Answer, Question } from './pool-messages.js';
import type { Quarantined } from './quarantine.js';
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
  /** Told of every worker that is stuck or died. */
  readonly onLost?: (lost: LostWorker) => void;
  /** Two workers are stuck on one model: it gets no more work here, and should get none elsewhere. */
  readonly onQuarantine?: (model: Quarantined) => void;
  /**
   * Told once: threads are stuck that only the end of the process gets rid of, after two in all, or after one whose model is in
   * quarantine. The pool goes on; the process should be replaced, and then end by SIGKILL (see `threadsLeft`).
   */
  readonly onPoisoned: (reason: string) => void;
  readonly workerEntry: URL;
}

export interface LostWorker {
  readonly outcome: 'stuck' | 'died';
  readonly reason: string;
  /** `name@version` of what it was asked about last; undefined when it was asked nothing. */
  readonly ranker: string | undefined;
  /** Threads that are stuck now, this one included. */
  readonly stuck: number;
}

/** Since the pool began. */
export interface WorkerOutcomes {
  readonly stuck: number;
  readonly died: number;
  readonly replaced: number;
}

export const POOL_WORKER = new URL('./pool-worker.js', import.meta.url);
export const STUCK_AFTER_MS = 4000;
export const QUEUE_MAX = 128;

const OPEN_MS_MAX = 60_000;
const WATCH_MS = 50;
const CLOSE_MS = 2000;
/** So many stuck workers put the model they are stuck on in quarantine, and make the process one to replace. */
const STUCK_MAX = 2;
/** With so many no worker is replaced any more: each may keep a core busy. */
const STUCK_THREADS_MAX = 8;

interface Opened {
  readonly bundle: Bundle;
  readonly width: number;
  /** Why it gets no more work. */
  readonly expelled?: string;
}

interface Job {
  readonly key: string;
  readonly matrix: Float32Array<ArrayBuffer>;
  readonly rows: number;
  readonly deadlineMs: number;
  readonly settle: (result: Float32Array<ArrayBuffer> | RankerError) => void;
}

export class WorkerPool {
  private readonly workers = new Set<RankingWorker>();
  /** And the sha256 of the model each is stuck on, where it was asked about one. */
  private readonly stuck = new Map<RankingWorker, string | undefined>();
  private readonly threads = new Set<RankingWorker>();
  private readonly bundles = new Map<string, Opened>();
  private readonly queue: JobQueue<Job>;
  private readonly restarts: RestartDelay;
  private readonly watch: NodeJS.Timeout;
  private watchedAtMs: number;
  private closing = false;
  private poisoned = false;
  private readonly counted = { stuck: 0, died: 0, replaced: 0 };

  constructor(private readonly options: PoolOptions) {
    this.queue = new JobQueue(options.queueMax);
    this.restarts = new RestartDelay(options.nowMs);
    this.watchedAtMs = options.nowMs();
    for (let i = 0; i < options.size; i++) this.workers.add(this.start());
    this.watch = setInterval(() => {
      this.setOverdueAside();
    }, WATCH_MS).unref();
  }

  /** Threads that have not ended. After `close` these are stuck, and `process.exit` would wait for them for ever: end by SIGKILL. */
  get threadsLeft(): number {
    return this.threads.size;
  }

  get outcomes(): WorkerOutcomes {
    return this.counted;
  }

  /** Workers now. */
  get states(): { readonly working: number; readonly stuck: number } {
    return { working: this.workers.size, stuck: this.stuck.size };
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

  /** Gives a model no more work, at once: what waits for it fails. It stays open until it is released. */
  expel({ sha256, reason }: Quarantined): void {
    for (const [key, opened] of this.bundles) {
      if (opened.bundle.manifest.sha256 === sha256) this.bundles.set(key, { ...opened, expelled: reason });
    }
    this.failAll(reason, ({ key }) => this.bundles.get(key)?.expelled !== undefined);
    if ([...this.stuck.values()].includes(sha256)) this.poison();
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
    const refused = this.bundles.get(key)?.expelled ?? (this.spent ? this.stuckWords() : undefined);
    if (refused !== undefined) throw new RankerError('error', refused);
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
    this.failAll('the pool is closed', () => true);
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
      if (!this.closing) this.lose(worker, 'died', why);
    });
    this.threads.add(worker);
    return worker;
  }

  private lose(worker: RankingWorker, outcome: 'stuck' | 'died', reason: string): void {
    this.counted[outcome]++;
    const bundle = this.askedAbout(worker)?.bundle;
    const ranker = bundle === undefined ? undefined : bundleId(bundle.manifest);
    this.options.onLost?.({ outcome, reason, ranker, stuck: this.stuck.size });
    this.replace();
  }

  private replace(): void {
    if (this.spent) this.failAll(this.stuckWords(), () => true);
    setTimeout(() => {
      if (this.closing || this.stuck.size >= STUCK_THREADS_MAX) return;
      this.counted.replaced++;
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
    if (entry === undefined || entry.expelled !== undefined || worker.keys.has(key)) return;
    const { bundle, width } = entry;
    const answer = await this.tend(worker, { ask: 'open', key, bundle, width }, OPEN_MS_MAX);
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

  private setOverdueAside(): void {
    const nowMs = this.options.nowMs();
    // Time in which nobody watched, since the process was frozen or its thread was blocked, proves nothing of a worker.
    const lateMs = Math.max(0, nowMs - this.watchedAtMs - WATCH_MS);
    this.watchedAtMs = nowMs;
    for (const worker of this.workers) {
      worker.postpone(lateMs);
      if (worker.overdue(nowMs)) this.setAside(worker);
    }
  }

  private setAside(worker: RankingWorker): void {
    const { stuckAfterMs } = this.options;
    const reason = `a ranking worker has not answered for ${stuckAfterMs} ms`;
    const opened = this.askedAbout(worker);
    const sha256 = opened?.bundle.manifest.sha256;
    this.workers.delete(worker);
    this.stuck.set(worker, sha256);
    this.lose(worker, 'stuck', reason);
    worker.abandon(reason);
    const onSame = [...this.stuck.values()].filter((model) => model === sha256).length;
    if (sha256 !== undefined && opened?.expelled === undefined && onSame >= STUCK_MAX) {
      const model = {
        sha256,
        reason: `${onSame} ranking workers are stuck on it, each for more than ${stuckAfterMs} ms: this file is in quarantine until the service starts anew`,
      };
      this.options.onQuarantine?.(model);
      this.expel(model);
    }
    if (this.stuck.size >= STUCK_MAX || opened?.expelled !== undefined) this.poison();
  }

  private poison(): void {
    if (this.poisoned) return;
    this.poisoned = true;
    this.options.onPoisoned(this.stuckWords());
  }

  private stuckWords(): string {
    return this.stuck.size === 1 ? '1 ranking worker is stuck' : `${this.stuck.size} ranking workers are stuck`;
  }

  /** No worker is left, and none will be started. */
  private get spent(): boolean {
    return this.workers.size === 0 && this.stuck.size >= STUCK_THREADS_MAX;
  }

  private askedAbout(worker: RankingWorker): Opened | undefined {
    return worker.lastKey === undefined ? undefined : this.bundles.get(worker.lastKey);
  }

  private failAll(reason: string, isMeant: (job: Job) => boolean): void {
    for (let job = this.queue.take(isMeant); job !== undefined; job = this.queue.take(isMeant)) {
      job.settle(new RankerError('error', reason));
    }
  }
}

function scoresOf(answer: Answer): Float32Array<ArrayBuffer> | RankerError {
  if ('failed' in answer) return new RankerError('error', answer.failed);
  if ('scores' in answer) return answer.scores;
  return new RankerError('error', 'the ranking worker answered without scores');
}
