/**
 * Metrics that are recorded for every request: counted in plain memory and handed to the SDK when it collects. An instrument of the
 * SDK makes a string of its attributes at each record, for each of its readers (docs/DECISIONS.md).
 */
import { ValueType, type Attributes, type HrTime } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  DataPointType,
  type CollectionResult,
  type MetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';

export interface Described {
  readonly name: string;
  readonly description: string;
  /** None for a plain number. */
  readonly unit?: string;
}

/** One combination of attributes of a counter. */
export class CounterSeries {
  value = 0;

  constructor(readonly attributes: Attributes) {}

  add(count: number): void {
    this.value += count;
  }
}

/** One combination of attributes of a histogram. */
export class HistogramSeries {
  /** One more than boundaries. */
  readonly counts: Float64Array;
  sum = 0;

  constructor(
    readonly attributes: Attributes,
    private readonly boundaries: readonly number[],
  ) {
    this.counts = new Float64Array(boundaries.length + 1);
  }

  record(value: number): void {
    const { boundaries } = this;
    let bucket = 0;
    while (bucket < boundaries.length && value > boundaries[bucket]) bucket++;
    this.counts[bucket]++;
    this.sum += value;
  }
}

type Collect = (startTime: HrTime, endTime: HrTime) => MetricData;

export class RequestMetrics implements MetricProducer {
  private readonly metrics: Collect[] = [];
  private readonly since = hrTimeNow();

  constructor(private readonly resource: Resource) {}

  /** @returns makes a series; its attributes have to be of closed lists, and no two series of a counter the same */
  counter(described: Described): (attributes: Attributes) => CounterSeries {
    const all: CounterSeries[] = [];
    this.metrics.push((startTime, endTime) => ({
      descriptor: descriptorOf(described),
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPointType: DataPointType.SUM,
      isMonotonic: true,
      dataPoints: all
        .filter(({ value }) => value > 0)
        .map(({ attributes, value }) => ({ startTime, endTime, attributes, value })),
    }));
    return (attributes) => added(all, new CounterSeries(attributes));
  }

  /** @returns makes a series, as for a counter */
  histogram(described: Described, boundaries: readonly number[]): (attributes: Attributes) => HistogramSeries {
    const all: HistogramSeries[] = [];
    this.metrics.push((startTime, endTime) => ({
      descriptor: descriptorOf(described),
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPointType: DataPointType.HISTOGRAM,
      dataPoints: all.flatMap(({ attributes, counts, sum }) => {
        const count = counts.reduce((total, one) => total + one, 0);
        if (count === 0) return [];
        const buckets = { boundaries: [...boundaries], counts: [...counts] };
        return [{ startTime, endTime, attributes, value: { buckets, sum, count } }];
      }),
    }));
    return (attributes) => added(all, new HistogramSeries(attributes, boundaries));
  }

  collect(): Promise<CollectionResult> {
    const endTime = hrTimeNow();
    const metrics = this.metrics
      .map((collect) => collect(this.since, endTime))
      .filter(({ dataPoints }) => dataPoints.length > 0);
    const scopeMetrics = metrics.length === 0 ? [] : [{ scope: { name: 'segue' }, metrics }];
    return Promise.resolve({ resourceMetrics: { resource: this.resource, scopeMetrics }, errors: [] });
  }
}

/** What `make` makes of a key, made when it is first asked for; keys come from closed lists. */
export function madeOnce<K, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>();
  return (key) => {
    let value = made.get(key);
    if (value === undefined) {
      value = make(key);
      made.set(key, value);
    }
    return value;
  };
}

function added<T>(all: T[], one: T): T {
  all.push(one);
  return one;
}

function descriptorOf({ name, description, unit = '' }: Described): MetricData['descriptor'] {
  return { name, description, unit, valueType: ValueType.DOUBLE };
}

function hrTimeNow(): HrTime {
  const ms = Date.now();
  return [Math.floor(ms / 1000), (ms % 1000) * 1e6];
}
