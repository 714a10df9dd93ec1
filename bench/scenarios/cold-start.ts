/** How long a service takes to be ready, and what its first requests take. */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { startService } from '../../test/service.js';
import { copyOf, type DemoWorld } from '../demo.js';
import { singles } from '../load/singles.js';
import { median } from '../report/statistics.js';
import type { Scenario } from '../scenario.js';

const FIRST = 100;

interface Start {
  readonly readyS: number;
  readonly firstMs: number;
  /** Of the first hundred requests. */
  readonly p50Ms: number;
  readonly maxMs: number;
}

export const coldStart: Scenario = {
  name: 'cold-start',
  title: 'From the start of the process to readiness, and the first requests',
  run: async (context) => {
    const world = await context.demo();
    const fresh = await start(world, await mkdtemp(join(context.workDir, 'fresh-')));
    const starts: Start[] = [];
    for (let round = 0; round < context.durations.starts; round++) {
      context.progress(`cold-start: start ${round + 1} of ${context.durations.starts}`);
      starts.push(await start(world, await copyOf(world, context.workDir)));
    }
    const medianOf = (value: (one: Start) => number): number => median(starts.map(value));
    const again = {
      readyS: medianOf(({ readyS }) => readyS),
      firstMs: medianOf(({ firstMs }) => firstMs),
      p50Ms: medianOf(({ p50Ms }) => p50Ms),
      maxMs: medianOf(({ maxMs }) => maxMs),
    };
    return {
      metrics: { readySeconds: again.readyS, firstMs: again.firstMs, firstEverReadySeconds: fresh.readyS },
      tables: [
        {
          title: 'Ready, and then one request after another',
          columns: ['start', 'ready s', 'first ms', 'p50 of 100 ms', 'slowest of 100 ms'],
          rows: [
            ['with a world there', again.readyS, again.firstMs, again.p50Ms, again.maxMs],
            ['the very first: loads the demo world', fresh.readyS, fresh.firstMs, fresh.p50Ms, fresh.maxMs],
          ],
        },
      ],
      notes: [
        `Median of ${starts.length} start(s); readiness is asked for each 50 ms, by the processes of one service.`,
      ],
      distributions: [],
      details: { fresh, starts },
    };
  },
};

async function start({ bodies }: DemoWorld, dataDir: string): Promise<Start> {
  const startedMs = performance.now();
  const service = await startService({ SEGUE_CACHE: 'off', SEGUE_DATA_DIR: dataDir });
  const readyS = (performance.now() - startedMs) / 1000;
  try {
    const port = Number(new URL(service.url).port);
    const [{ times }] = await singles({ targets: [{ port, bodies }], requests: FIRST, warmUp: 0 });
    return { readyS, firstMs: times[0], p50Ms: median(times), maxMs: Math.max(...times) };
  } finally {
    await service.stop();
  }
}
