/**
 * Admission on a simulated event loop: time passes only where work is said to take some, so that overload of any size is
 * simulated exactly, on any machine. In each turn all that has arrived is read, then admission takes its turn.
 */
import { Arrivals } from '../../src/api/arrivals.js';
import { Admission } from '../../src/api/admission/admission.js';
import type { ShedCause } from '../../src/api/admission/work.js';
import type { Client } from '../../src/api/clients.js';
import { SegueError } from '../../src/errors.js';

export interface LoopOptions {
  /** Thread time to read a request and write its answer. */
  readonly transportMs: number;
  /** Thread time of an answer without work. */
  readonly shedMs: number;
  /** Thread time of a ranked answer. */
  readonly rankMs: number;
  /** Share of it that falls as fewer candidates are ranked. */
  readonly widthShareOfRank: number;
  /** Time that a ranked answer waits for something else. */
  readonly waitMs: number;
  readonly budgetMs: number;
}

/** Ranking fewer saves nothing here, so that what admission does by itself is seen. */
export const DEFAULT_LOOP: LoopOptions = {
  transportMs: 0.05,
  shedMs: 0.05,
  rankMs: 0.4,
  widthShareOfRank: 0,
  waitMs: 0,
  budgetMs: 50,
};

/** What became of a client's requests. */
export interface Outcomes {
  /** Of those ranked, the least share of the width. */
  leastWidth: number;
  ranked: number;
  gaveUp: number;
  shed: number;
  refused: number;
}

interface Due {
  readonly atMs: number;
  readonly run: () => void;
}

const NEVER = new AbortController().signal;

export class SimulatedLoop {
  nowMs = 0;
  readonly latenciesMs: number[] = [];
  readonly shedBy: Partial<Record<ShedCause, number>> = {};
  readonly retryAfterMs: number[] = [];
  readonly admission: Admission<'ranked' | 'gave-up' | 'shed'>;
  /** While it holds, what ranked answers wait for does not come. */
  isStalled = false;
  private readonly outcomes = new Map<Client, Outcomes>();
  private readonly arrivals = new Arrivals(() => this.nowMs, { looks: () => this.looks, idleMs: () => this.idleMs });
  private looks = 0;
  private idleMs = 0;
  private due: Due[] = [];
  private busyMs = 0;
  private askedAt = { busyMs: 0, nowMs: 0 };
  private seed: number;

  constructor(
    private readonly options: LoopOptions,
    seed = 1,
  ) {
    this.seed = seed;
    this.admission = new Admission({
      nowMs: () => this.nowMs,
      utilization: () => this.utilization(),
      random: () => this.random(),
      observer: {
        started: () => undefined,
        shed: (_client, cause) => {
          this.shedBy[cause] = (this.shedBy[cause] ?? 0) + 1;
        },
        refused: () => undefined,
      },
    });
  }

  /** Requests a second that can be ranked when there are no others. */
  get saturation(): number {
    return 1000 / (this.options.transportMs + this.options.rankMs);
  }

  of(client: Client): Outcomes {
    let outcomes = this.outcomes.get(client);
    if (outcomes === undefined) {
      outcomes = { leastWidth: 1, ranked: 0, gaveUp: 0, shed: 0, refused: 0 };
      this.outcomes.set(client, outcomes);
    }
    return outcomes;
  }

  /** An open loop: requests come at random times at this rate, whatever becomes of them. @param kind in what they differ */
  load(client: Client, perSecond: number, fromMs: number, untilMs: number, kind: Partial<LoopOptions> = {}): void {
    const next = (atMs: number): void => {
      const arrivesMs = atMs - (Math.log(1 - this.random()) * 1000) / perSecond;
      if (arrivesMs >= untilMs) return;
      this.at(arrivesMs, () => {
        next(arrivesMs);
        this.arrive(client, arrivesMs, kind);
      });
    };
    next(fromMs);
  }

  /** So many requests at once. */
  burst(client: Client, count: number, atMs: number): void {
    this.at(atMs, () => {
      for (let i = 0; i < count; i++) this.arrive(client, atMs, {});
    });
  }

  at(atMs: number, run: () => void): void {
    const index = this.due.findLastIndex((other) => other.atMs <= atMs);
    this.due.splice(index + 1, 0, { atMs, run });
  }

  /** Until nothing is left to do. */
  async run(): Promise<void> {
    for (;;) {
      this.looks++;
      const beforeMs = this.nowMs;
      while ((this.due[0]?.atMs ?? Infinity) <= this.nowMs) this.due.shift()?.run();
      await new Promise(setImmediate);
      if (this.nowMs !== beforeMs) continue;
      const next = this.due.at(0);
      if (next !== undefined) this.idleUntil(next.atMs);
      else if (this.admission.requestsUnderWay === 0 && this.admission.queue.length === 0) return;
    }
  }

  private idleUntil(atMs: number): void {
    this.idleMs += Math.max(0, atMs - this.nowMs);
    this.nowMs = Math.max(this.nowMs, atMs);
  }

  private arrive(client: Client, arrivedMs: number, kind: Partial<LoopOptions>): void {
    const { transportMs, budgetMs, shedMs } = { ...this.options, ...kind };
    this.spend(transportMs);
    const deadlineMs = this.nowMs + budgetMs - 1;
    const outcomes = this.of(client);
    this.admission
      .admit({
        client,
        arrival: this.arrivals.next(),
        deadlineMs,
        signal: NEVER,
        gaveUp: (answer) => answer === 'gave-up',
        run: ({ shed, widthShare = 1 }) => {
          if (shed !== undefined) return this.answerWithoutWork(shedMs);
          outcomes.leastWidth = Math.min(outcomes.leastWidth, widthShare);
          return this.rank(deadlineMs, widthShare);
        },
      })
      .then(
        (answer) => {
          this.latenciesMs.push(this.nowMs - arrivedMs);
          outcomes[answer === 'gave-up' ? 'gaveUp' : answer]++;
        },
        (error: unknown) => {
          if (!(error instanceof SegueError)) throw error;
          this.retryAfterMs.push(error.retryAfterMs ?? NaN);
          outcomes.refused++;
        },
      );
  }

  private answerWithoutWork(ms: number): Promise<'shed'> {
    this.spend(ms);
    return Promise.resolve('shed');
  }

  private async rank(deadlineMs: number, widthShare: number): Promise<'ranked' | 'gave-up'> {
    const { rankMs, widthShareOfRank, waitMs } = this.options;
    const ms = rankMs * (1 - widthShareOfRank * (1 - widthShare)) * (0.5 + this.random());
    this.spend(ms / 2);
    const stalled = this.isStalled;
    if (stalled || waitMs > 0) {
      const untilMs = stalled ? deadlineMs - 3 : this.nowMs + waitMs * (0.7 + 0.6 * this.random());
      await new Promise<void>((resolve) => {
        this.at(untilMs, resolve);
      });
    } else {
      await new Promise(setImmediate);
    }
    this.spend(stalled ? 0.05 : ms / 2);
    return stalled ? 'gave-up' : 'ranked';
  }

  private spend(ms: number): void {
    this.nowMs += ms;
    this.busyMs += ms;
  }

  private utilization(): number {
    const share = (this.busyMs - this.askedAt.busyMs) / Math.max(1e-9, this.nowMs - this.askedAt.nowMs);
    this.askedAt = { busyMs: this.busyMs, nowMs: this.nowMs };
    return share;
  }

  /** Lehmer's generator (Park and Miller 1988), so that every run is the same. */
  private random(): number {
    this.seed = (this.seed * 48_271) % 2_147_483_647;
    return this.seed / 2_147_483_647;
  }
}
