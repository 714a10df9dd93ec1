import type { Snapshot } from '../telemetry/snapshot.js';
import type { ToProcess } from './messages.js';
import { MetricsHub } from './metrics-hub.js';

function counted(value: number): Snapshot {
  return [{ name: 'n', description: 'N.', unit: '', kind: 'counter', points: [{ labels: {}, value }] }];
}

/** Processes that answer with these counts; `undefined` never answers. */
function hubOf(counts: Map<number, number | undefined>): MetricsHub {
  const hub: MetricsHub = new MetricsHub(
    () =>
      new Map(
        [...counts.keys()].map((slot) => [
          slot,
          (message: ToProcess) => {
            const value = counts.get(slot);
            if (message.segue === 'collect' && value !== undefined) {
              setImmediate(() => {
                hub.received(slot, message.id, counted(value));
              });
            }
          },
        ]),
      ),
    () => [],
    20,
  );
  return hub;
}

it('adds up what all processes counted', async () => {
  expect(
    await hubOf(
      new Map([
        [0, 2],
        [1, 3],
      ]),
    ).scrape(),
  ).toContain('n_total 5\n');
});

it('names a process that does not answer, and keeps what it counted before', async () => {
  const counts = new Map<number, number | undefined>([
    [0, 2],
    [1, 3],
  ]);
  const hub = hubOf(counts);
  await hub.scrape();
  counts.set(1, undefined);
  const text = await hub.scrape();
  expect(text).toContain('n_total 5\n');
  expect(text).toContain('segue_process_missing{process="1"} 1\n');
});

it('never counts less after a process is gone', async () => {
  const counts = new Map<number, number | undefined>([
    [0, 2],
    [1, 3],
  ]);
  const hub = hubOf(counts);
  await hub.scrape();
  hub.gone(1);
  counts.set(1, 0);
  expect(await hub.scrape()).toContain('n_total 5\n');
});

it('waits no longer for a process that is gone', async () => {
  const counts = new Map<number, number | undefined>([[0, undefined]]);
  const hub = hubOf(counts);
  const scrape = hub.scrape();
  hub.gone(0);
  expect(await scrape).not.toContain('segue_process_missing');
});

it('shares one collection between scrapes at the same time', async () => {
  const hub = hubOf(new Map([[0, 1]]));
  expect(hub.scrape()).toBe(hub.scrape());
  await hub.scrape();
});
