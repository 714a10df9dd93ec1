/** The one wrapper around stages: it gives each its timer, its share of the budget and its fallback. */
import { RecentP95 } from './budget.js';
import { roundedMs } from './rounded.js';
import { STAGES, type Cause, type Reason, type StageName, type StageReport } from './types.js';

const STAGE_INDEX = Object.fromEntries(STAGES.map((name, index) => [name, index])) as Readonly<
  Record<StageName, number>
>;

const NOT_RUN = STAGES.map(() => NaN);
const NONE = STAGES.map(() => 0);

/** What one request did in each stage: start and length in milliseconds, and how many candidates went in and came out. */
export class StageTrace {
  // Arrays of numbers, and not typed ones, whose memory outside of the heap costs a request more than all that is written there.
  readonly startMs = NOT_RUN.slice();
  readonly ms = NOT_RUN.slice();
  readonly in = NONE.slice();
  readonly out = NONE.slice();
  readonly reasons: Reason[] = [];

  constructor(
    readonly receivedAtMs: number,
    readonly deadlineMs: number,
    readonly now: () => number,
  ) {}

  giveUp(stage: StageName, cause: Cause, detail: string): void {
    this.reasons.push({ stage, cause, detail });
  }

  count(stage: StageName, input: number, output: number): void {
    const index = STAGE_INDEX[stage];
    this.in[index] = input;
    this.out[index] = output;
  }

  begin(stage: StageName): void {
    this.startMs[STAGE_INDEX[stage]] = this.now();
  }

  end(stage: StageName): number {
    const index = STAGE_INDEX[stage];
    const ms = this.now() - (this.startMs[index] ?? 0);
    this.ms[index] = ms;
    return ms;
  }

  /** The stages that ran, in order. */
  report(): StageReport[] {
    return STAGES.flatMap((stage, i) => {
      const ms = this.ms[i] ?? NaN;
      return Number.isNaN(ms) ? [] : [{ stage, ms: roundedMs(ms), in: this.in[i] ?? 0, out: this.out[i] ?? 0 }];
    });
  }

  leftMs(): number {
    return this.deadlineMs - this.now();
  }
}

/** Before anything was measured: what each stage is taken to need, in milliseconds. */
const INITIAL_NEED_MS: Readonly<Record<StageName, number>> = {
  admit: 0.1,
  assign: 0.1,
  listen: 1,
  retrieve: 1,
  filter: 0.2,
  rank: 2,
  sequence: 0.3,
  blend: 0.1,
  respond: 0.2,
  expose: 0,
};

const INITIAL_OVERRUN_MS = 1;

/** What the stages are known to need: each one's own recent p95. */
export class StageNeeds {
  private readonly needs = STAGES.map((name) => new RecentP95(INITIAL_NEED_MS[name]));
  /** How much longer than it may a stage that waits in vain takes: a timer does not interrupt what runs when it is due. */
  private readonly overrun = new RecentP95(INITIAL_OVERRUN_MS);

  observe(trace: StageTrace): void {
    for (let i = 0; i < STAGES.length; i++) {
      const ms = trace.ms[i] ?? NaN;
      if (ms === ms) this.needs[i]?.add(ms);
    }
  }

  get overrunMs(): number {
    return this.overrun.ms;
  }

  observeOverrun(ms: number): void {
    this.overrun.add(ms);
  }

  /** Milliseconds that the stages after this one need, up to the answer: exposing comes after it. */
  afterMs(stage: StageName): number {
    let sum = 0;
    for (let i = STAGE_INDEX[stage] + 1; i < STAGE_INDEX.expose; i++) sum += this.needs[i]?.ms ?? 0;
    return sum;
  }
}

/**
 * Milliseconds that a stage may take now: what is left less what the later stages need and what it may overrun, but never less than
 * a quarter of what is left.
 */
export function shareMs(trace: StageTrace, needs: StageNeeds, stage: StageName): number {
  const left = trace.leftMs();
  return Math.max(0, left / 4, left - needs.afterMs(stage) - needs.overrunMs);
}

/** Runs a stage that does no I/O. */
export function runStage<O>(trace: StageTrace, stage: StageName, run: () => O): O {
  trace.begin(stage);
  try {
    return run();
  } finally {
    trace.end(stage);
  }
}

export type Settled<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly cause: Cause; readonly detail: string };

/**
 * Waits for `work` no longer than `ms`; what arrives later is discarded. Work that is done within this turn of the event loop, as
 * a read of an embedded store, costs no timer.
 *
 * @param causeOf names the cause of a rejection
 * @param onLate told when a result arrives that nobody waits for
 */
export function within<T>(
  work: T | Promise<T>,
  ms: number,
  causeOf: (error: unknown) => Cause,
  onLate: () => void,
): Promise<Settled<T>> | Settled<T> {
  if (!(work instanceof Promise)) return { ok: true, value: work };
  return new Promise((resolve) => {
    let settled = false;
    let timer: NodeJS.Timeout | undefined;
    const settle = (result: Settled<T>): void => {
      settled = true;
      clearTimeout(timer);
      resolve(result);
    };
    process.nextTick(() => {
      if (settled) return;
      timer = setTimeout(
        () => {
          settle({ ok: false, cause: 'timeout', detail: `no answer within ${ms.toFixed(1)} ms` });
        },
        Math.max(0, ms),
      );
    });
    work.then(
      (value) => {
        if (settled) onLate();
        else settle({ ok: true, value });
      },
      (error: unknown) => {
        if (settled) return;
        settle({ ok: false, cause: causeOf(error), detail: error instanceof Error ? error.message : String(error) });
      },
    );
  });
}

/** Runs a stage that waits for others, within its share of the budget; the stage itself decides its fallback. */
export async function runWaitingStage<O>(
  trace: StageTrace,
  needs: StageNeeds,
  stage: StageName,
  run: (shareMs: number) => Promise<O>,
): Promise<O> {
  trace.begin(stage);
  const allowedMs = shareMs(trace, needs, stage);
  try {
    return await run(allowedMs);
  } finally {
    const overrunMs = trace.end(stage) - allowedMs;
    if (overrunMs > 0) needs.observeOverrun(overrunMs);
  }
}
