/**
 * Metrics as the text that Prometheus scrapes.
 * Format: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 * Names: https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#metric-metadata-1
 */
import type { HistogramValue, Labels, Metric, Point, Snapshot } from './snapshot.js';

export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

const UNIT_SUFFIX: Readonly<Record<string, string>> = { s: '_seconds', By: '_bytes', '1': '_ratio' };

function nameOf({ name, unit, kind }: Metric): string {
  const plain = `${name.replace(/[^a-zA-Z0-9_]/g, '_')}${UNIT_SUFFIX[unit] ?? ''}`;
  return kind === 'counter' ? `${plain}_total` : plain;
}

function labelsText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([label, value]) => {
    const escaped = value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
    return `${label.replace(/[^a-zA-Z0-9_]/g, '_')}="${escaped}"`;
  });
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function histogramLines(name: string, { labels, value }: Point<HistogramValue>): string[] {
  let below = 0;
  const buckets = value.counts.map((count, i) => {
    below += count;
    const le = i < value.boundaries.length ? String(value.boundaries[i]) : '+Inf';
    return `${name}_bucket${labelsText({ ...labels, le })} ${below}`;
  });
  return [
    ...buckets,
    `${name}_sum${labelsText(labels)} ${value.sum}`,
    `${name}_count${labelsText(labels)} ${value.count}`,
  ];
}

function metricLines(metric: Metric): string[] {
  const name = nameOf(metric);
  const samples =
    metric.kind === 'histogram'
      ? metric.points.flatMap((point) => histogramLines(name, point))
      : metric.points.map(({ labels, value }) => `${name}${labelsText(labels)} ${value}`);
  return [`# HELP ${name} ${metric.description.replaceAll('\n', ' ')}`, `# TYPE ${name} ${metric.kind}`, ...samples];
}

export function expositionOf(snapshot: Snapshot): string {
  const lines = snapshot.filter((metric) => metric.points.length > 0).flatMap(metricLines);
  return `${lines.join('\n')}\n`;
}
