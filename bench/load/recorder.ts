/** What became of the requests of a load, by the time they were meant to leave. */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

/** A part of a load that is reported on its own: `[fromMs, toMs)` since its start. */
export interface LoadWindow {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Latency {
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export interface WindowReport {
  readonly name: string;
  readonly seconds: number;
  /** Requests that were meant to leave in it. */
  readonly requests: number;
  /** With status 200 (gRPC: OK). */
  readonly answered: number;
  readonly empty: number;
  /** Answered, not empty, and within the budget of the moment they were meant to leave. */
  readonly withinBudget: number;
  readonly failed: number;
  /** What the failures were: `status 429`, `closed`, `timeout`, … */
  readonly failures: Readonly<Record<string, number>>;
  readonly levels: Readonly<Record<string, number>>;
  /** Of those within the budget. */
  readonly levelsWithinBudget: Readonly<Record<string, number>>;
  /** `stage: cause` of answers below `full`. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly latencyMs: Latency;
  /** Percentile and milliseconds, both rising. */
  readonly curve: readonly (readonly [percentile: number, ms: number])[];
}

/** A slice of time, from the start of the load. */
export interface Slice {
  readonly requests: number;
  readonly full: number;
  readonly failed: number;
  /** Answered after the budget. */
  readonly late: number;
}

export const SLICE_MS = 100;
/** A minute, in microseconds. */
const LONGEST_US = 60_000_000;
export const CURVE_PERCENTILES = [1, 10, 25, 50, 75, 90, 95, 98, 99, 99.5, 99.8, 99.9, 99.95, 99.98, 99.99] as const;

class Window {
  readonly histogram: RecordableHistogram = createHistogram({ lowest: 1, highest: LONGEST_US, figures: 3 });
  readonly failures: Record<string, number> = {};
  readonly levels: Record<string, number> = {};
  readonly levelsWithinBudget: Record<string, number> = {};
  readonly reasons: Record<string, number> = {};
  answered = 0;
  empty = 0;
  withinBudget = 0;
  failed = 0;

  constructor(readonly span: LoadWindow) {}

  report(): WindowReport {
    const { histogram, answered, empty, withinBudget, failed, failures, levels, levelsWithinBudget, reasons, span } =
      this;
    const ms = (percentile: number): number => (answered === 0 ? NaN : histogram.percentile(percentile) / 1000);
    return {
      name: span.name,
      seconds: (span.toMs - span.fromMs) / 1000,
      requests: answered + failed,
      answered,
      empty,
      withinBudget,
      failed,
      failures,
      levels,
      levelsWithinBudget,
      reasons,
      latencyMs: {
        mean: histogram.mean / 1000,
        p50: ms(50),
        p90: ms(90),
        p99: ms(99),
        p999: ms(99.9),
        max: ms(100),
      },
      curve: answered === 0 ? [] : CURVE_PERCENTILES.map((percentile) => [percentile, ms(percentile)] as const),
    };
  }
}

export class Recorder {
  private readonly windows: readonly Window[];
  private readonly slices: { requests: number; full: number; failed: number; late: number }[];

  /** @param budgetMs within which an answer counts as in time */
  constructor(
    windows: readonly LoadWindow[],
    totalMs: number,
    private readonly budgetMs: number,
  ) {
    this.windows = [{ name: 'all', fromMs: 0, toMs: totalMs }, ...windows].map((span) => new Window(span));
    this.slices = Array.from({ length: Math.ceil(totalMs / SLICE_MS) }, () => ({
      requests: 0,
      full: 0,
      failed: 0,
      late: 0,
    }));
  }

  /** @param reasons `stage: cause` each */
  answered(meantMs: number, latencyMs: number, level: string, isEmpty: boolean, reasons: readonly string[]): void {
    for (const window of this.windowsAt(meantMs)) {
      window.answered++;
      window.histogram.record(Math.min(LONGEST_US, Math.max(1, Math.round(latencyMs * 1000))));
      if (isEmpty) window.empty++;
      else if (latencyMs <= this.budgetMs) {
        window.withinBudget++;
        window.levelsWithinBudget[level] = (window.levelsWithinBudget[level] ?? 0) + 1;
      }
      window.levels[level] = (window.levels[level] ?? 0) + 1;
      for (const reason of reasons) window.reasons[reason] = (window.reasons[reason] ?? 0) + 1;
    }
    const slice = this.slices.at(Math.floor(meantMs / SLICE_MS));
    if (slice === undefined) return;
    slice.requests++;
    if (level === 'full') slice.full++;
    if (latencyMs > this.budgetMs) slice.late++;
  }

  failed(meantMs: number, what: string): void {
    for (const window of this.windowsAt(meantMs)) {
      window.failed++;
      window.failures[what] = (window.failures[what] ?? 0) + 1;
    }
    const slice = this.slices.at(Math.floor(meantMs / SLICE_MS));
    if (slice === undefined) return;
    slice.requests++;
    slice.failed++;
  }

  /** `all` first. */
  reports(): WindowReport[] {
    return this.windows.map((window) => window.report());
  }

  series(): readonly Slice[] {
    return this.slices;
  }

  private windowsAt(meantMs: number): Window[] {
    return this.windows.filter(({ span }) => meantMs >= span.fromMs && meantMs < span.toMs);
  }
}
