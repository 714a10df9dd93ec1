/** A process's metrics as plain values, fit for a message between processes. */
import { DataPointType, type MetricData, type ResourceMetrics } from '@opentelemetry/sdk-metrics';

export type Labels = Readonly<Record<string, string>>;

export interface HistogramValue {
  readonly boundaries: readonly number[];
  /** One more than boundaries. */
  readonly counts: readonly number[];
  readonly sum: number;
  readonly count: number;
}

interface Described {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
}
export interface Point<T> {
  readonly labels: Labels;
  readonly value: T;
}
export type Metric =
  | (Described & { readonly kind: 'counter' | 'gauge'; readonly points: readonly Point<number>[] })
  | (Described & { readonly kind: 'histogram'; readonly points: readonly Point<HistogramValue>[] });

export type Snapshot = readonly Metric[];

function labelsOf(attributes: Readonly<Record<string, unknown>>): Labels {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, String(value)]));
}

function metricOf(data: MetricData): Metric[] {
  const { name, description, unit } = data.descriptor;
  const described = { name, description, unit };
  switch (data.dataPointType) {
    case DataPointType.SUM:
    case DataPointType.GAUGE: {
      const kind = data.dataPointType === DataPointType.SUM && data.isMonotonic ? 'counter' : 'gauge';
      const points = data.dataPoints
        .filter((point) => Number.isFinite(point.value))
        .map((point) => ({ labels: labelsOf(point.attributes), value: point.value }));
      return [{ ...described, kind, points }];
    }
    case DataPointType.HISTOGRAM: {
      const points = data.dataPoints.map(({ attributes, value }) => ({
        labels: labelsOf(attributes),
        value: { ...value.buckets, sum: value.sum ?? 0, count: value.count },
      }));
      return [{ ...described, kind: 'histogram', points }];
    }
    default:
      return [];
  }
}

export function snapshotOf(metrics: ResourceMetrics): Snapshot {
  return metrics.scopeMetrics.flatMap((scope) => scope.metrics.flatMap(metricOf));
}
