/** Catalogues of several sizes with as many listeners: latency, memory a track, and time to readiness. */
import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { slotIndexOf } from '../../src/features/slot-index.js';
import { openLmdbStore } from '../../src/store/lmdb/lmdb-store.js';
import { openWorld } from '../../src/worlds/loaded-worlds.js';
import { trackTermsOf } from '../../src/worlds/track-terms.js';
import { startService, type Service } from '../../test/service.js';
import type { BenchContext } from '../context.js';
import { singles } from '../load/singles.js';
import { CURVE_PERCENTILES } from '../load/recorder.js';
import { childrenOf } from '../process-tree.js';
import { median, percentileOf } from '../report/statistics.js';
import type { Scenario } from '../scenario.js';
import { sample, widthNote, type Sample } from '../segue-report.js';
import { SYNTHETIC_GENERATION } from '../worlds/shape.js';
import { syntheticWorld, type SyntheticWorld } from '../worlds/synthetic-world.js';

const SAMPLED = 50;
const MIB = 2 ** 20;

interface Served {
  readonly world: SyntheticWorld;
  readonly service: Service;
  readonly readyS: number;
  readonly sampled: Sample;
  /** p50 of each round, ms. */
  readonly p50s: number[];
  readonly times: number[];
}

export const catalogues: Scenario = {
  name: 'catalogues',
  title: 'Small and large catalogues, one request at a time over HTTP',
  run: async (context) => {
    const served: Served[] = [];
    try {
      for (const tracks of context.durations.catalogues) {
        const world = await syntheticWorld(context, { tracks, listeners: context.durations.listeners });
        served.push(await serve(context, world));
      }
      await askInTurn(context, served);
      const rows = await Promise.all(served.map(rowOf));
      const [smallest, largest] = [served[0], served[served.length - 1]];
      const bytesPerTrack = await bytesPerTrackOf(largest.world);
      return {
        metrics: {
          p50SmallestMs: median(smallest.p50s),
          p50LargestMs: median(largest.p50s),
          bytesPerTrack,
          readySeconds: largest.readyS,
        },
        tables: [
          {
            title: `${context.durations.listeners.toLocaleString('en-US')} listeners, one process`,
            columns: ['tracks', 'p50 ms', 'p99 ms', 'ready s', 'private MiB', 'candidates'],
            rows,
          },
        ],
        notes: [
          `Largest catalogue: ${bytesPerTrack.toFixed(1)} bytes a track in memory, id index, artists and slot index included.`,
          'Candidates, neighbours and what was played are skewed to popular tracks (the cube of a uniform draw); listeners are spread over all.',
          ...served.map(({ world, sampled }) =>
            widthNote(`${world.shape.tracks.toLocaleString('en-US')} tracks`, sampled),
          ),
        ],
        distributions: served.map(({ world, times }) => ({
          name: `${world.shape.tracks.toLocaleString('en-US')} tracks`,
          curve: CURVE_PERCENTILES.map((percentile) => [percentile, percentileOf(times, percentile)] as const),
        })),
        details: served.map(({ world, p50s, readyS, sampled }) => ({ shape: world.shape, p50s, readyS, sampled })),
      };
    } finally {
      // The worlds stay for later runs.
      await Promise.all(served.map(({ service }) => service.terminate()));
    }
  },
};

async function serve(context: BenchContext, world: SyntheticWorld): Promise<Served> {
  const { tracks } = world.shape;
  context.progress(`catalogues: starting on ${tracks} tracks`);
  const startedMs = performance.now();
  const service = await startService({
    SEGUE_CACHE: 'off',
    SEGUE_PROCESSES: '1',
    SEGUE_DATA_DIR: world.dataDir,
    SEGUE_EVENTS_DIR: await mkdtemp(join(context.workDir, 'events-')),
  });
  const readyS = (performance.now() - startedMs) / 1000;
  return { world, service, readyS, sampled: await sample(service, world.bodies, SAMPLED), p50s: [], times: [] };
}

/** Round after round, so that what else the machine does meets all alike; the first round is to warm up. */
async function askInTurn(context: BenchContext, served: readonly Served[]): Promise<void> {
  const { rounds, singles: requests } = context.durations;
  for (let round = 0; round <= rounds; round++) {
    for (const { world, service, p50s, times } of served) {
      const { bodies } = world;
      const from = (round * requests) % bodies.length;
      const report = await singles({
        port: Number(new URL(service.url).port),
        bodies: [...bodies.slice(from), ...bodies.slice(0, from)].slice(0, requests),
        requests,
        warmUp: 0,
      });
      if (round === 0) continue;
      const p50 = median(report.times);
      context.progress(
        `catalogues, ${world.shape.tracks} tracks, round ${round} of ${rounds}: p50 ${p50.toFixed(2)} ms`,
      );
      p50s.push(p50);
      times.push(...report.times);
    }
  }
}

async function rowOf({ world, service, readyS, p50s, times, sampled }: Served): Promise<(string | number)[]> {
  const tracks = world.shape.tracks.toLocaleString('en-US');
  const memory = await privateMiB(service.pid);
  return [tracks, median(p50s), percentileOf(times, 99), readyS, memory ?? '', sampled.candidatesMean];
}

/** Memory that the serving process shares with nobody, as Linux counts it; LMDB's pages are not in it. */
async function privateMiB(pid: number): Promise<number | undefined> {
  const [child = pid] = await childrenOf(pid);
  try {
    const kib = /^RssAnon:\s+(\d+) kB$/m.exec(await readFile(`/proc/${child}/status`, 'utf8'))?.[1];
    return kib === undefined ? undefined : (Number(kib) * 1024) / MIB;
  } catch {
    return undefined;
  }
}

async function bytesPerTrackOf({ dataDir }: SyntheticWorld): Promise<number> {
  const store = openLmdbStore({ dataDir });
  try {
    const { catalogue } = await openWorld(store, SYNTHETIC_GENERATION);
    return (
      (catalogue.sizeBytes + slotIndexOf(catalogue).byteLength + trackTermsOf(catalogue).byteLength) / catalogue.count
    );
  } finally {
    await store.close();
  }
}
