/** The metrics of answers, errors and events, by OpenTelemetry's conventions; label values come from closed lists alone. */
import type { Counter, Meter } from '@opentelemetry/api';
import type { ErrorCode } from '../errors.js';
import { STAGES, type Cause, type Level, type StageName, type SurfaceName } from '../recommend/types.js';
import { madeOnce, type CounterSeries, type HistogramSeries, type RequestMetrics } from './request-metrics.js';

/** Seconds; from a popular list out of memory to the largest budget. */
const DURATION_BOUNDARIES = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.0075, 0.01, 0.015, 0.025, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2, 5,
];

export type Transport = 'http' | 'grpc';

export interface Instruments {
  readonly recommendDuration: (surface: SurfaceName) => (level: Level) => HistogramSeries;
  /** By index of `STAGES`. */
  readonly stageDurations: readonly HistogramSeries[];
  readonly degradation: (level: Level) => (stage: StageName) => (cause: Cause) => CounterSeries;
  readonly errors: (transport: Transport) => (code: ErrorCode) => CounterSeries;
  readonly unknownIds: Counter;
  readonly lateResults: Counter;
  readonly events: Counter;
}

/** @param requests for what every request may record; the meter is for the rest */
export function createInstruments(requests: RequestMetrics, meter: Meter): Instruments {
  const recommendDuration = requests.histogram(
    {
      name: 'segue.recommend.duration',
      description: 'Time from the arrival of a request to its answer.',
      unit: 's',
    },
    DURATION_BOUNDARIES,
  );
  const stageDuration = requests.histogram(
    { name: 'segue.stage.duration', description: 'Time that a stage of a request took.', unit: 's' },
    DURATION_BOUNDARIES,
  );
  const degradation = requests.counter({
    name: 'segue.degradation',
    description: 'What was given up in answers: one for each reason.',
  });
  const errors = requests.counter({
    name: 'segue.errors',
    description: 'Requests answered with an error, by code.',
  });
  return {
    recommendDuration: madeOnce((surface) => madeOnce((level) => recommendDuration({ surface, level }))),
    stageDurations: STAGES.map((stage) => stageDuration({ stage })),
    degradation: madeOnce((level) => madeOnce((stage) => madeOnce((cause) => degradation({ level, stage, cause })))),
    errors: madeOnce((transport) => madeOnce((code) => errors({ transport, code }))),
    unknownIds: meter.createCounter('segue.unknown_ids', {
      description: 'Ids in requests that the world does not know; they are served without them.',
    }),
    lateResults: meter.createCounter('segue.late_results', {
      description: 'Results that arrived after their stage had given them up, and were discarded.',
    }),
    events: meter.createCounter('segue.events', { description: 'Events received, by what became of them.' }),
  };
}
