/** The ratios of a run: what each is made of, what it means, and what is aimed at. */
import type { ScenarioResult } from '../scenario.js';

/** Metrics by scenario; those that did not run or failed are absent. */
export type Measured = ReadonlyMap<string, ScenarioResult['metrics']>;

export const RATIO_NAMES = [
  'httpVsFastapi',
  'httpVsNaive',
  'inProcessVsLimit',
  'overloadInBudget',
  'overloadGoodput',
  'stalledP99OverBudget',
  'healSeconds',
  'p50MillionVs10k',
  'bytesPerTrack',
  'bigtableCpuVsPlain',
  'tracing1pct',
  'tracing100pct',
] as const;
export type RatioName = (typeof RATIO_NAMES)[number];

export type Ratios = Readonly<Record<RatioName, number | null>>;

export interface RatioDefinition {
  readonly meaning: string;
  readonly aim: { readonly atLeast: number } | { readonly atMost: number };
  /** NaN where a number is missing. */
  readonly of: (metric: (scenario: string, name: string) => number) => number;
}

export const RATIOS: Readonly<Record<RatioName, RatioDefinition>> = {
  httpVsFastapi: {
    meaning:
      'Answers per second at saturation over HTTP: Segue at level `full` (whole pipeline, 500 candidates, full width, no slate cache) over FastAPI (500 given ids, the same model; best of 1 and 2 workers). Both the better of 16 and 64 connections, loaded in turn, the median of the rounds, wrk.',
    aim: { atLeast: 0.7 },
    of: (metric) => metric('fastapi', 'segueFullVsFastapi'),
  },
  httpVsNaive: {
    meaning:
      'Answers per second at saturation: Segue at level `full` over the naive Node server. The smaller of two: with the shipped model, and with a model of about a millisecond.',
    aim: { atLeast: 1.5 },
    of: (metric) =>
      Math.min(
        metric('http', 'fullPerSecond') / metric('naive', 'requestsPerSecond'),
        metric('http-slow-model', 'fullPerSecond') / metric('naive', 'slowModelRequestsPerSecond'),
      ),
  },
  inProcessVsLimit: {
    meaning:
      'p50 of one request, one at a time: the whole pipeline in process over the raw limit (LMDB reads, feature matrix and model in one loop).',
    aim: { atMost: 3 },
    of: (metric) => metric('in-process', 'p50Ms') / metric('limit', 'p50Ms'),
  },
  overloadInBudget: {
    meaning:
      'At twice the saturation, open loop: share of all requests answered with status 200, not empty, and within the budget of 50 ms of the moment they were meant to leave.',
    aim: { atLeast: 0.999 },
    of: (metric) => metric('overload', 'inBudgetShare'),
  },
  overloadGoodput: {
    meaning:
      'At twice the saturation: answers per second within the budget at level `light` or better, over the saturation of the same run.',
    aim: { atLeast: 0.7 },
    of: (metric) => metric('overload', 'goodputPerSecond') / metric('overload', 'saturationPerSecond'),
  },
  stalledP99OverBudget: {
    meaning:
      'While a dependency is stalled, or cut, or all of them are: the largest p99 of these times over the budget of 50 ms.',
    aim: { atMost: 1 },
    of: (metric) => metric('stalls', 'p99Ms') / metric('stalls', 'budgetMs'),
  },
  healSeconds: {
    meaning: 'Seconds from the end of a fault until every answer is `full` again; the longest of all faults.',
    aim: { atMost: 5 },
    of: (metric) => metric('stalls', 'healSeconds'),
  },
  p50MillionVs10k: {
    meaning:
      'p50 over HTTP, one request at a time: the largest catalogue over the smallest (1,000,000 and 10,000 tracks), the same number of listeners.',
    aim: { atMost: 1.25 },
    of: (metric) => metric('catalogues', 'p50LargestMs') / metric('catalogues', 'p50SmallestMs'),
  },
  bytesPerTrack: {
    meaning:
      'Bytes that each track takes in a serving process, objects and arrays (record, id and its index, artists, all that requests keep by track): the difference of the largest and the smallest catalogue over that of their tracks.',
    aim: { atMost: 300 },
    of: (metric) => metric('catalogues', 'bytesPerTrack'),
  },
  bigtableCpuVsPlain: {
    meaning:
      'Processor time of the client for the reads of a request (listener, session, 8 tracks), 64 requests in flight: ours, decoded, with neighbours of tracks kept in memory as it serves and rows of listeners read each time, over three `row.get` of @google-cloud/bigtable.',
    aim: { atMost: 0.5 },
    of: (metric) => metric('bigtable', 'oursMicros') / metric('bigtable', 'plainMicros'),
  },
  tracing1pct: {
    meaning:
      'Requests per second at saturation with 1 % of requests traced, over those without telemetry export, round by round; the median.',
    aim: { atLeast: 0.95 },
    of: (metric) => metric('tracing', 'onePercentVsOff'),
  },
  tracing100pct: {
    meaning:
      'Requests per second at saturation with every request traced, over those without telemetry export, round by round; the median.',
    aim: { atLeast: 0.8 },
    of: (metric) => metric('tracing', 'allVsOff'),
  },
};

/** A ratio of which a scenario did not run, or failed, is null. */
export function ratiosOf(measured: Measured): Ratios {
  const metric = (scenario: string, name: string): number => measured.get(scenario)?.[name] ?? NaN;
  const entries = RATIO_NAMES.map((name) => {
    const value = RATIOS[name].of(metric);
    return [name, Number.isFinite(value) ? value : null] as const;
  });
  return Object.fromEntries(entries) as Record<RatioName, number | null>;
}

/** Whether the aim is met; undefined for a ratio that is not known. */
export function meetsAim(name: RatioName, value: number | null): boolean | undefined {
  if (value === null) return undefined;
  const { aim } = RATIOS[name];
  return 'atLeast' in aim ? value >= aim.atLeast : value <= aim.atMost;
}
