/** Catalogues of several sizes with as many listeners: latency, memory a track, and time to readiness. */
import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startService, type Service } from '../../test/service.js';
import type { BenchContext } from '../context.js';
import { SHIPPED_MODEL } from '../demo.js';
import { singles } from '../load/singles.js';
import { CURVE_PERCENTILES } from '../load/recorder.js';
import { childrenOf } from '../process-tree.js';
import { runProgram } from '../program.js';
import type { MemoryOptions } from '../programs/memory.js';
import { median, percentileOf } from '../report/statistics.js';
import type { Scenario } from '../scenario.js';
import { sample, widthNote, type Sample } from '../segue-report.js';
import { syntheticWorld, type SyntheticWorld } from '../worlds/synthetic-world.js';

const MEMORY = new URL('../programs/memory.js', import.meta.url);
const SAMPLED = 50;
const MIB = 2 ** 20;

interface Served {
  readonly world: SyntheticWorld;
  readonly service: Service;
  readonly readyS: number;
  readonly sampled: Sample;
}

interface Asked extends Served {
  /** Milliseconds of each request. */
  readonly times: readonly number[];
  readonly levels: Readonly<Record<string, number>>;
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
      const asked = await askInTurn(context, served);
      const rows = await Promise.all(asked.map(rowOf));
      const [smallest, largest] = [asked[0], asked[asked.length - 1]];
      const bytesPerTrack = await bytesPerTrackOf(context, smallest.world, largest.world);
      return {
        metrics: {
          p50SmallestMs: median(smallest.times),
          p50LargestMs: median(largest.times),
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
          `Each track takes ${bytesPerTrack.toFixed(1)} bytes of a process: record, id and its index, artists, and all that requests keep by track.`,
          'Candidates, neighbours and what was played are skewed to popular tracks (the cube of a uniform draw); listeners are spread over all.',
          ...served.map(({ world, sampled }) =>
            widthNote(`${world.shape.tracks.toLocaleString('en-US')} tracks`, sampled),
          ),
        ],
        distributions: asked.map(({ world, times }) => ({
          name: `${world.shape.tracks.toLocaleString('en-US')} tracks`,
          curve: CURVE_PERCENTILES.map((percentile) => [percentile, percentileOf(times, percentile)] as const),
        })),
        details: asked.map(({ world, readyS, sampled, levels }) => ({ shape: world.shape, readyS, sampled, levels })),
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
  return { world, service, readyS, sampled: await sample(service, world.bodies, SAMPLED) };
}

/** One after another, each catalogue in turn, so that what else the machine does meets all alike. */
async function askInTurn(context: BenchContext, served: readonly Served[]): Promise<Asked[]> {
  const { singles: requests } = context.durations;
  context.progress('catalogues: one request after another');
  const reports = await singles({
    targets: served.map(({ world, service }) => ({ port: Number(new URL(service.url).port), bodies: world.bodies })),
    requests,
    warmUp: Math.ceil(requests / 2),
  });
  return served.map((one, i) => {
    const { times, levels } = reports[i];
    context.progress(`catalogues, ${one.world.shape.tracks} tracks: p50 ${median(times).toFixed(2)} ms`);
    return { ...one, times, levels };
  });
}

async function rowOf({ world, service, readyS, times, sampled }: Asked): Promise<(string | number)[]> {
  const tracks = world.shape.tracks.toLocaleString('en-US');
  const memory = await privateMiB(service.pid);
  return [tracks, median(times), percentileOf(times, 99), readyS, memory ?? '', sampled.candidatesMean];
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

/** What each further track takes: the difference of the largest and the smallest catalogue over that of their tracks. */
async function bytesPerTrackOf(
  context: BenchContext,
  smallest: SyntheticWorld,
  largest: SyntheticWorld,
): Promise<number> {
  const bytesOf = async ({ dataDir, bodies }: SyntheticWorld): Promise<number> => {
    const eventsDir = await mkdtemp(join(context.workDir, 'events-'));
    const options: MemoryOptions = { dataDir, eventsDir, modelDir: SHIPPED_MODEL, bodies };
    return await runProgram(MEMORY, options, { flags: ['--expose-gc'] });
  };
  const [most, least] = await Promise.all([bytesOf(largest), bytesOf(smallest)]);
  return (most - least) / (largest.shape.tracks - smallest.shape.tracks);
}
