/** What a scenario is, and what it hands to the report. */
import type { BenchContext } from './context.js';

export interface Scenario {
  /** As `--only` takes it. */
  readonly name: string;
  readonly title: string;
  /** Whether it runs on the warm service of the scenarios before it; otherwise that one has ended. */
  readonly onWarmSegue?: true;
  run(context: BenchContext): Promise<ScenarioResult>;
}

export interface ScenarioResult {
  /** Numbers by name, the unit last; ratios are made of these and nothing else. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly tables: readonly Table[];
  /** Sentences: what was checked, and what the numbers do not say. */
  readonly notes: readonly string[];
  readonly distributions: readonly Distribution[];
  /** Drawn into the chart of the distributions. */
  readonly budgetMs?: number;
  /** For the JSON report alone. */
  readonly details?: unknown;
}

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  /** Numbers are shown with three significant digits. */
  readonly rows: readonly (readonly (string | number)[])[];
}

/** Latency by percentile, for one line of a chart. */
export interface Distribution {
  readonly name: string;
  /** Percentile in [0, 100) and milliseconds, both rising. */
  readonly curve: readonly (readonly [percentile: number, ms: number])[];
}
