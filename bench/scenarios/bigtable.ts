/** What reading from Bigtable costs the client, ours against plain calls. */
import { openBigtableStore } from '../../src/store/bigtable/bigtable-store.js';
import type { RowStore } from '../../src/store/row-store.js';
import { openWorld } from '../../src/worlds/loaded-worlds.js';
import { readPointer } from '../../src/worlds/pointer.js';
import type { BenchContext } from '../context.js';
import { demoInBigtable } from '../demo-in-bigtable.js';
import { runProgram } from '../program.js';
import type { BigtableOptions, BigtableReport } from '../programs/bigtable-report.js';
import { median } from '../report/statistics.js';
import type { Scenario } from '../scenario.js';
import { SESSION_EVENTS, sessionRows } from '../worlds/session-rows.js';

const CLIENTS = ['ours', 'nothing-kept', 'plain'] as const;
type Client = (typeof CLIENTS)[number];

const IN_FLIGHT = 64;
const PROGRAM = new URL('../programs/bigtable-reads.js', import.meta.url);

export const bigtable: Scenario = {
  name: 'bigtable',
  title: 'Processor time of the Bigtable client, 64 requests in flight',
  run: async (context) => {
    const runs = await measure(context);
    const medianOf = (client: Client, value: (report: BigtableReport) => number): number =>
      median(runs[client].map(value));
    const micros = ({ cpuMicrosPerRequest }: BigtableReport): number => cpuMicrosPerRequest;
    const rate = ({ requestsPerSecond }: BigtableReport): number => requestsPerSecond;
    return {
      metrics: { oursMicros: medianOf('ours', micros), plainMicros: medianOf('plain', micros) },
      tables: [
        {
          title: 'Reads of a request, from the emulator on the same cores',
          columns: ['client', 'CPU us a request', 'requests/s'],
          rows: [
            ['ours: listener, session and 8 tracks, decoded', medianOf('ours', micros), medianOf('ours', rate)],
            ['the same, nothing kept in memory', medianOf('nothing-kept', micros), medianOf('nothing-kept', rate)],
            ['@google-cloud/bigtable: row.get three times', medianOf('plain', micros), medianOf('plain', rate)],
          ],
        },
      ],
      notes: [
        'Processor time of the client process alone; the emulator has its own. Ours keeps neighbours in memory, as it serves, but rows of listeners only in the service.',
        `Sessions hold ${SESSION_EVENTS} events. The three calls read the listener, the session and one track.`,
      ],
      distributions: [],
      details: runs,
    };
  },
};

async function measure(context: BenchContext): Promise<Record<Client, BigtableReport[]>> {
  const { bodies } = await context.demo();
  const { emulatorHost, projectId, instanceId } = await demoInBigtable(context);
  const where = { emulatorHost, projectId, instanceId };
  const store = openBigtableStore(where);
  await writeSessions(store, bodies);
  await store.close();
  const runs: Record<Client, BigtableReport[]> = { ours: [], 'nothing-kept': [], plain: [] };
  const { rounds, singles: requests } = context.durations;
  for (let round = 1; round <= rounds; round++) {
    for (const client of CLIENTS) {
      const options: BigtableOptions = { client, ...where, bodies, requests, inFlight: IN_FLIGHT };
      const report = await runProgram<BigtableReport>(PROGRAM, options);
      context.progress(
        `bigtable, ${client}, round ${round} of ${rounds}: ${report.cpuMicrosPerRequest.toFixed(0)} us of CPU a request`,
      );
      runs[client].push(report);
    }
  }
  return runs;
}

async function writeSessions(store: RowStore, bodies: readonly string[]): Promise<void> {
  const pointer = await readPointer(store);
  if (pointer === undefined) throw new Error('Bigtable has no world');
  const world = await openWorld(store, pointer.generation);
  const listenerIds = new Set(bodies.map((body) => (JSON.parse(body) as { listenerId: string }).listenerId));
  await store.writeAll('sessions', sessionRows(listenerIds, world));
}
