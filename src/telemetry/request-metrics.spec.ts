import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import { PullReader } from './pull-reader.js';
import { RequestMetrics } from './request-metrics.js';
import { snapshotOf, type Snapshot } from './snapshot.js';

const BOUNDARIES = [0.001, 0.01, 0.1];
const DURATION = { name: 'test.duration', description: 'How long.', unit: 's' };
const COUNT = { name: 'test.count', description: 'How many.' };

function readerWith(requests?: RequestMetrics): { readonly meters: MeterProvider; read(): Promise<Snapshot> } {
  const reader = new PullReader(requests === undefined ? {} : { metricProducers: [requests] });
  const meters = new MeterProvider({ readers: [reader] });
  return { meters, read: async () => snapshotOf((await reader.collect()).resourceMetrics) };
}

it('is read as an instrument of the SDK is that records the same', async () => {
  const records = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom(0, 0.0005, 0.001, 0.05, 0.1, 7)));
  await fc.assert(
    fc.asyncProperty(records, async (all) => {
      const sdk = readerWith();
      const meter = sdk.meters.getMeter('segue');
      const theirDuration = meter.createHistogram(DURATION.name, {
        ...DURATION,
        advice: { explicitBucketBoundaries: BOUNDARIES },
      });
      const theirCount = meter.createCounter(COUNT.name, COUNT);
      const requests = new RequestMetrics(resourceFromAttributes({}));
      const duration = requests.histogram(DURATION, BOUNDARIES);
      const count = requests.counter(COUNT);
      const series = new Map(
        ['a', 'b', 'c'].map((of) => [of, { duration: duration({ of }), count: count({ of }) }] as const),
      );
      for (const [of, value] of all) {
        theirDuration.record(value, { of });
        theirCount.add(1, { of });
        series.get(of)?.duration.record(value);
        series.get(of)?.count.add(1);
      }
      expect(byLabel(await readerWith(requests).read())).toEqual(byLabel(await sdk.read()));
    }),
    { numRuns: 50 },
  );
});

/** The SDK lists points in the order in which they were met. */
function byLabel(snapshot: Snapshot): unknown[] {
  return snapshot.map(({ points, ...described }) => ({
    ...described,
    points: [...points].sort((a, b) => a.labels.of.localeCompare(b.labels.of)),
  }));
}
