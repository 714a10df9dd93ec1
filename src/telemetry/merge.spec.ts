import { expositionOf } from './exposition.js';
import { labelled, mergeSnapshots, withoutGauges } from './merge.js';
import type { Snapshot } from './snapshot.js';

const described = { description: 'What it is.', unit: '' };

function processMetrics(served: number, rss: number): Snapshot {
  return [
    {
      ...described,
      name: 'segue.errors',
      kind: 'counter',
      points: [{ labels: { code: 'A', transport: 'http' }, value: served }],
    },
    { ...described, name: 'process.memory.usage', unit: 'By', kind: 'gauge', points: [{ labels: {}, value: rss }] },
    {
      ...described,
      name: 'segue.recommend.duration',
      unit: 's',
      kind: 'histogram',
      points: [{ labels: {}, value: { boundaries: [0.1, 1], counts: [served, 1, 0], sum: 0.5, count: served + 1 } }],
    },
  ];
}

it('sums counters and histograms and labels gauges with their process', () => {
  const merged = mergeSnapshots([labelled(processMetrics(3, 100), '0'), labelled(processMetrics(4, 200), '1')]);
  expect(expositionOf(merged)).toBe(`# HELP segue_errors_total What it is.
# TYPE segue_errors_total counter
segue_errors_total{code="A",transport="http"} 7
# HELP process_memory_usage_bytes What it is.
# TYPE process_memory_usage_bytes gauge
process_memory_usage_bytes{process="0"} 100
process_memory_usage_bytes{process="1"} 200
# HELP segue_recommend_duration_seconds What it is.
# TYPE segue_recommend_duration_seconds histogram
segue_recommend_duration_seconds_bucket{le="0.1"} 7
segue_recommend_duration_seconds_bucket{le="1"} 9
segue_recommend_duration_seconds_bucket{le="+Inf"} 9
segue_recommend_duration_seconds_sum 1
segue_recommend_duration_seconds_count 9
`);
});

it('takes the order of labels for nothing', () => {
  const one: Snapshot = [
    { ...described, name: 'n', kind: 'counter', points: [{ labels: { a: '1', b: '2' }, value: 1 }] },
  ];
  const other: Snapshot = [
    { ...described, name: 'n', kind: 'counter', points: [{ labels: { b: '2', a: '1' }, value: 2 }] },
  ];
  expect(mergeSnapshots([one, other])).toEqual([{ ...one[0], points: [{ labels: { a: '1', b: '2' }, value: 3 }] }]);
});

it('keeps of a process that is gone what it counted alone', () => {
  expect(withoutGauges(processMetrics(1, 1)).map((metric) => metric.kind)).toEqual(['counter', 'histogram']);
});

it('escapes label values', () => {
  const odd: Snapshot = [{ ...described, name: 'n', kind: 'gauge', points: [{ labels: { a: 'x"\\\n' }, value: 1 }] }];
  expect(expositionOf(odd)).toContain('n{a="x\\"\\\\\\n"} 1');
});
