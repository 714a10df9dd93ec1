/** What the programs that run the pipeline without a transport are told and tell. */
import { CURVE_PERCENTILES } from '../load/recorder.js';
import { percentileOf } from '../report/statistics.js';

export interface PipelineOptions {
  /** Holds a loaded world; the program may write to it. */
  readonly dataDir: string;
  readonly modelDir: string;
  readonly bodies: readonly string[];
  readonly requests: number;
}

export interface Times {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly mean: number;
  readonly curve: readonly (readonly [percentile: number, ms: number])[];
}

export interface LimitReport {
  readonly requests: number;
  /** Mean rows of the matrix. */
  readonly candidates: number;
  readonly totalMs: Times;
  readonly readsMs: Times;
  readonly featuresMs: Times;
  readonly modelMs: Times;
}

export interface InProcessReport {
  readonly requests: number;
  readonly totalMs: Times;
  readonly byStage: readonly { readonly stage: string; readonly ms: Times }[];
  readonly levels: Readonly<Record<string, number>>;
  readonly candidates: number;
  /** Processor time of a request, what follows its answer included. */
  readonly cpuMicrosPerRequest: number;
}

/** @param times in milliseconds */
export function timesOf(times: Float64Array): Times {
  return {
    p50: percentileOf(times, 50),
    p90: percentileOf(times, 90),
    p99: percentileOf(times, 99),
    mean: times.reduce((sum, ms) => sum + ms, 0) / times.length,
    curve: CURVE_PERCENTILES.map((percentile) => [percentile, percentileOf(times, percentile)] as const),
  };
}
