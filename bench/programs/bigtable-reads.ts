/** Processor time of a client that reads what a request needs out of Bigtable, in two ways. */
import { Bigtable } from '@google-cloud/bigtable';
import { StoreReads } from '../../src/recommend/store-reads.js';
import { openBigtableStore } from '../../src/store/bigtable/bigtable-store.js';
import { generationTable, rowKey } from '../../src/store/tables.js';
import { openWorld } from '../../src/worlds/loaded-worlds.js';
import { readPointer } from '../../src/worlds/pointer.js';
import { answerParent } from '../program.js';
import type { BigtableOptions, BigtableReport } from './bigtable-report.js';

interface Asked {
  readonly listenerId: string;
  readonly seedTrackId: string;
  readonly recentTrackIds: readonly string[];
}

/** What @google-cloud/bigtable says of a row that is not there. */
const NOT_FOUND = 404;

/** Reads for one request. */
type Read = (asked: Asked) => Promise<unknown>;

async function run(options: BigtableOptions): Promise<BigtableReport> {
  const read = options.client === 'ours' ? await ours(options) : await plain(options);
  const asked = options.bodies.map((body) => JSON.parse(body) as Asked);
  await inFlight(options, asked, read, Math.ceil(options.requests / 4));
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  await inFlight(options, asked, read, options.requests);
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    cpuMicrosPerRequest: (user + system) / options.requests,
    requestsPerSecond: (options.requests * 1000) / (performance.now() - startMs),
  };
}

async function inFlight(
  { inFlight: count }: BigtableOptions,
  asked: readonly Asked[],
  read: Read,
  requests: number,
): Promise<void> {
  let next = 0;
  const client = async (): Promise<void> => {
    while (next < requests) await read(asked[next++ % asked.length]);
  };
  await Promise.all(Array.from({ length: count }, client));
}

/** The two calls of the service: the listener with the session, then the neighbours of eight tracks; decoded. */
async function ours({ emulatorHost, projectId, instanceId }: BigtableOptions): Promise<Read> {
  const store = openBigtableStore({ projectId, instanceId, emulatorHost });
  const pointer = await readPointer(store);
  if (pointer === undefined) throw new Error('Bigtable has no world');
  const world = await openWorld(store, pointer.generation);
  const reads = new StoreReads(store, { corrupt: () => undefined });
  return async ({ listenerId, seedTrackId, recentTrackIds }) => {
    await reads.listener(world, listenerId, {});
    const ordinals = [seedTrackId, ...recentTrackIds].map((id) => world.catalogue.ordinalOf(id));
    await reads.related(world, Uint32Array.from(ordinals), undefined, {});
  };
}

/** Three rows, each by a call of its own: the listener's and two tracks'. */
async function plain({ emulatorHost, projectId, instanceId }: BigtableOptions): Promise<Read> {
  const store = openBigtableStore({ projectId, instanceId, emulatorHost });
  const pointer = await readPointer(store);
  await store.close();
  if (pointer === undefined) throw new Error('Bigtable has no world');
  process.env.BIGTABLE_EMULATOR_HOST = emulatorHost;
  const instance = new Bigtable({ projectId }).instance(instanceId);
  const listeners = instance.table(generationTable('listeners', pointer.generation));
  const tracks = instance.table(generationTable('tracks', pointer.generation));
  const read = async (table: typeof tracks, id: string): Promise<void> => {
    try {
      await table.row(rowKey(id)).get();
    } catch (error) {
      // Few tracks have no row.
      if (!(error instanceof Error && 'code' in error && error.code === NOT_FOUND)) throw error;
    }
  };
  return ({ listenerId, seedTrackId, recentTrackIds }) =>
    Promise.all([read(listeners, listenerId), read(tracks, seedTrackId), read(tracks, recentTrackIds[0])]);
}

answerParent(run);
