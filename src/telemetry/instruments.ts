/** Metrics that serving records one at a time, by OpenTelemetry's conventions; label values come from closed lists alone. */
import type { Counter, Histogram, Meter } from '@opentelemetry/api';

/** Seconds; from a popular list out of memory to the largest budget. */
export const DURATION_BOUNDARIES = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.0075, 0.01, 0.015, 0.025, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2, 5,
];

export interface Instruments {
  readonly recommendDuration: Histogram;
  readonly degradation: Counter;
  readonly unknownIds: Counter;
  readonly lateResults: Counter;
  readonly errors: Counter;
  readonly events: Counter;
}

export function createInstruments(meter: Meter): Instruments {
  return {
    recommendDuration: meter.createHistogram('segue.recommend.duration', {
      description: 'Time from the arrival of a request to its answer.',
      unit: 's',
      advice: { explicitBucketBoundaries: DURATION_BOUNDARIES },
    }),
    degradation: meter.createCounter('segue.degradation', {
      description: 'What was given up in answers: one for each reason.',
    }),
    unknownIds: meter.createCounter('segue.unknown_ids', {
      description: 'Ids in requests that the world does not know; they are served without them.',
    }),
    lateResults: meter.createCounter('segue.late_results', {
      description: 'Results that arrived after their stage had given them up, and were discarded.',
    }),
    errors: meter.createCounter('segue.errors', { description: 'Requests answered with an error, by code.' }),
    events: meter.createCounter('segue.events', { description: 'Events received, by what became of them.' }),
  };
}
