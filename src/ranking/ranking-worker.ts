/** One worker thread, seen from the serving thread. Never terminated: doing so within a run aborts the process. */
import { Worker } from 'node:worker_threads';
import type { Answer, Question } from './pool-messages.js';

/**
 * Of the worker's JavaScript; models and matrices live in native memory. Small, so that a worker which fills it ends within a second
 * on a busy machine (two at once with 256 MB took four): as long as it collects, it looks stuck.
 */
const HEAP_MB_MAX = 64;

interface Asked {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  overdueAtMs: number;
}

export class RankingWorker {
  /** Bundles that are open in it. */
  readonly keys = new Set<string>();
  /** How many wait to open or release a bundle in it, before it may score again. */
  reserved = 0;
  /** The bundle it was asked about last. */
  lastKey: string | undefined;
  private readonly worker: Worker;
  private readonly exit: Promise<void>;
  private asked: Asked | undefined;
  private settled = Promise.withResolvers<undefined>();
  private state: 'working' | 'abandoned' | 'ended' = 'working';

  /** @param onExit told once that the thread is gone, and why */
  constructor(entry: URL, onExit: (why: string) => void) {
    this.worker = new Worker(entry, {
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB_MAX },
    });
    this.worker.unref();
    let why: string | undefined;
    this.worker.on('error', (error) => {
      why = error instanceof Error ? error.message : String(error);
    });
    this.worker.on('message', (answer: Answer) => {
      if (this.state === 'abandoned') this.worker.postMessage({ ask: 'close' } satisfies Question);
      else
        this.settle((asked) => {
          asked.resolve(answer);
        });
    });
    this.exit = new Promise((resolve) => {
      this.worker.once('exit', (code) => {
        this.state = 'ended';
        const reason = `the ranking worker ended (${why ?? `exit ${code}`})`;
        this.settle((asked) => {
          asked.reject(new Error(reason));
        });
        onExit(reason);
        resolve();
      });
    });
  }

  get idle(): boolean {
    return this.asked === undefined && this.state === 'working';
  }

  /** Whether it was to have answered by now. */
  overdue(nowMs: number): boolean {
    return this.asked !== undefined && nowMs > this.asked.overdueAtMs;
  }

  /** Gives it so much more time for what it was asked. */
  postpone(ms: number): void {
    if (this.asked !== undefined) this.asked.overdueAtMs += ms;
  }

  /** Waits until it has answered, was abandoned or ended. */
  async untilSettled(): Promise<void> {
    if (this.asked !== undefined) await this.settled.promise;
  }

  /** One question at a time. @throws Error when the thread ends or is abandoned before it answers */
  async ask(question: Question, transfer: readonly ArrayBuffer[], overdueAtMs: number): Promise<Answer> {
    if (!this.idle) throw new Error('the ranking worker is busy');
    this.lastKey = 'key' in question ? question.key : undefined;
    return new Promise((resolve, reject) => {
      this.asked = { resolve, reject, overdueAtMs };
      this.worker.postMessage(question, transfer);
    });
  }

  /** Expects nothing more of it. Should it answer after all, it is let go. */
  abandon(reason: string): void {
    this.state = 'abandoned';
    this.settle((asked) => {
      asked.reject(new Error(reason));
    });
  }

  /** Lets the thread end by itself; waits for it at most `ms`. */
  async close(ms: number): Promise<void> {
    if (this.state !== 'working') return;
    this.worker.postMessage({ ask: 'close' } satisfies Question);
    const late = Promise.withResolvers<undefined>();
    const timer = setTimeout(late.resolve, ms, undefined);
    await Promise.race([this.exit, late.promise]);
    clearTimeout(timer);
  }

  private settle(tell: (asked: Asked) => void): void {
    const { asked, settled } = this;
    this.asked = undefined;
    this.settled = Promise.withResolvers<undefined>();
    if (asked !== undefined) tell(asked);
    settled.resolve(undefined);
  }
}
