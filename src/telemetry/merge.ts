/** One set of metrics out of those of all processes: counters and histograms are summed, gauges carry the label `process`. */
import type { HistogramValue, Labels, Metric, Point, Snapshot } from './snapshot.js';

function keyOf(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function merged<T>(points: readonly Point<T>[], add: (a: T, b: T) => T): Point<T>[] {
  const byLabels = new Map<string, Point<T>>();
  for (const point of points) {
    const key = keyOf(point.labels);
    const before = byLabels.get(key);
    byLabels.set(key, before === undefined ? point : { labels: point.labels, value: add(before.value, point.value) });
  }
  return [...byLabels.values()];
}

/** Processes of one version have the same boundaries; of two versions (during no release of ours) the first wins. */
function addHistograms(a: HistogramValue, b: HistogramValue): HistogramValue {
  if (a.counts.length !== b.counts.length) return a;
  return {
    boundaries: a.boundaries,
    counts: a.counts.map((count, i) => count + (b.counts[i] ?? 0)),
    sum: a.sum + b.sum,
    count: a.count + b.count,
  };
}

function addMetrics(a: Metric, b: Metric): Metric {
  if (a.kind === 'histogram' && b.kind === 'histogram') {
    return { ...a, points: merged([...a.points, ...b.points], addHistograms) };
  }
  if (a.kind !== 'histogram' && b.kind === a.kind) {
    return { ...a, points: merged([...a.points, ...b.points], a.kind === 'counter' ? (x, y) => x + y : (_, y) => y) };
  }
  return a;
}

/** Adds snapshots up; gauges with the same labels keep the later value. */
export function mergeSnapshots(snapshots: readonly Snapshot[]): Snapshot {
  const byName = new Map<string, Metric>();
  for (const snapshot of snapshots) {
    for (const metric of snapshot) {
      const before = byName.get(metric.name);
      byName.set(metric.name, before === undefined ? metric : addMetrics(before, metric));
    }
  }
  return [...byName.values()];
}

/** The snapshot of one process, its gauges labelled with the process. */
export function labelled(snapshot: Snapshot, process: string): Snapshot {
  return snapshot.map((metric) =>
    metric.kind === 'gauge'
      ? { ...metric, points: metric.points.map(({ labels, value }) => ({ labels: { ...labels, process }, value })) }
      : metric,
  );
}

/** What stays of a process that is gone: what it counted, but nothing it is. */
export function withoutGauges(snapshot: Snapshot): Snapshot {
  return snapshot.filter((metric) => metric.kind !== 'gauge');
}
