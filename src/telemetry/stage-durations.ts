/**
 * The histogram of what stages take, counted in plain memory and handed to the SDK when it collects. An instrument of the SDK makes
 * a string of its attributes at each record, ten times a request (docs/DECISIONS.md).
 */
import { ValueType, type HrTime } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  DataPointType,
  type CollectionResult,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';
import { STAGES } from '../recommend/types.js';
import { DURATION_BOUNDARIES } from './instruments.js';

const BUCKETS = DURATION_BOUNDARIES.length + 1;

const DESCRIPTOR = {
  name: 'segue.stage.duration',
  description: 'Time that a stage of a request took.',
  unit: 's',
  valueType: ValueType.DOUBLE,
};

export class StageDurations implements MetricProducer {
  /** At `stage * BUCKETS + bucket`. */
  private readonly counts = new Float64Array(STAGES.length * BUCKETS);
  /** Seconds, by stage. */
  private readonly sums = new Float64Array(STAGES.length);
  private readonly since = hrTimeNow();

  constructor(private readonly resource: Resource) {}

  /** @param stages milliseconds by index of `STAGES`; NaN where one did not run */
  record(stages: readonly number[]): void {
    for (let stage = 0; stage < STAGES.length; stage++) {
      const seconds = Math.max(0, stages[stage]) / 1000;
      if (seconds !== seconds) continue;
      let bucket = 0;
      while (bucket < BUCKETS - 1 && seconds > DURATION_BOUNDARIES[bucket]) bucket++;
      this.counts[stage * BUCKETS + bucket]++;
      this.sums[stage] += seconds;
    }
  }

  collect(): Promise<CollectionResult> {
    const endTime = hrTimeNow();
    const dataPoints = STAGES.flatMap((stage, i) => {
      const counts = Array.from(this.counts.subarray(i * BUCKETS, (i + 1) * BUCKETS));
      const count = counts.reduce((sum, one) => sum + one, 0);
      if (count === 0) return [];
      const value = { buckets: { boundaries: DURATION_BOUNDARIES, counts }, sum: this.sums[i], count };
      return [{ startTime: this.since, endTime, attributes: { stage }, value }];
    });
    const metric = {
      descriptor: DESCRIPTOR,
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPointType: DataPointType.HISTOGRAM as const,
      dataPoints,
    };
    const scopeMetrics = dataPoints.length === 0 ? [] : [{ scope: { name: 'segue' }, metrics: [metric] }];
    return Promise.resolve({ resourceMetrics: { resource: this.resource, scopeMetrics }, errors: [] });
  }
}

function hrTimeNow(): HrTime {
  const ms = Date.now();
  return [Math.floor(ms / 1000), (ms % 1000) * 1e6];
}
