/** Processor time of a client that reads what a request needs out of Bigtable, in two ways. */
import { Bigtable } from '@google-cloud/bigtable';
import { parseConfig } from '../../src/config.js';
import { StoreReads } from '../../src/recommend/store-reads.js';
import { openRows } from '../../src/rows.js';
import { openBigtableStore } from '../../src/store/bigtable/bigtable-store.js';
import { generationTable, rowKey } from '../../src/store/tables.js';
import { openWorld } from '../../src/worlds/loaded-worlds.js';
import { readPointer } from '../../src/worlds/pointer.js';
import { answerParent } from '../program.js';
import type { BigtableOptions, BigtableReport } from './bigtable-report.js';

const TIMEOUT_MS = 10_000;

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
  const read = options.client === 'plain' ? await plain(options) : await ours(options);
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

/**
 * The reads of the service: the listener with the session, then the neighbours of eight tracks; decoded. Rows of listeners are
 * read each time, as of a million listeners few come back while a process still holds theirs.
 */
async function ours({ client, emulatorHost, projectId, instanceId }: BigtableOptions): Promise<Read> {
  const env = {
    SEGUE_READS_LISTENERS_MAX_BYTES: '0',
    ...(client === 'nothing-kept' ? { SEGUE_READS_NEIGHBOURS_MAX_BYTES: '0' } : {}),
  };
  const store = openBigtableStore({ projectId, instanceId, emulatorHost });
  const pointer = await readPointer(store);
  if (pointer === undefined) throw new Error('Bigtable has no world');
  const world = await openWorld(store, pointer.generation);
  const rows = openRows(parseConfig({ env, readFile: () => undefined }), store);
  rows.serve(world);
  const observer = {
    corrupt: (table: string, error: Error): never => {
      throw new Error(`a row of ${table} is corrupt`, { cause: error });
    },
  };
  const reads = new StoreReads(rows.reads, observer, rows.kept);
  const { signal } = new AbortController();
  return async ({ listenerId, seedTrackId, recentTrackIds }) => {
    const limits = { signal, timeoutMs: TIMEOUT_MS };
    const listener = await reads.listener(world, listenerId, limits);
    if (listener.session.count === 0) throw new Error(`${listenerId} has no session`);
    const ordinals = [seedTrackId, ...recentTrackIds].map((id) => world.catalogue.ordinalOf(id));
    await reads.related(world, Uint32Array.from(ordinals), undefined, limits);
  };
}

/** Three rows that are there, each by a call of its own: the listener's, the session and a track's. */
async function plain({ emulatorHost, projectId, instanceId }: BigtableOptions): Promise<Read> {
  const store = openBigtableStore({ projectId, instanceId, emulatorHost });
  const pointer = await readPointer(store);
  await store.close();
  if (pointer === undefined) throw new Error('Bigtable has no world');
  process.env.BIGTABLE_EMULATOR_HOST = emulatorHost;
  const instance = new Bigtable({ projectId }).instance(instanceId);
  const listeners = instance.table(generationTable('listeners', pointer.generation));
  const sessions = instance.table('sessions');
  const tracks = instance.table(generationTable('tracks', pointer.generation));
  const read = async (table: typeof tracks, id: string): Promise<void> => {
    try {
      await table.row(rowKey(id)).get();
    } catch (error) {
      // Few tracks have no row.
      if (!(error instanceof Error && 'code' in error && error.code === NOT_FOUND)) throw error;
    }
  };
  return ({ listenerId, seedTrackId }) =>
    Promise.all([read(listeners, listenerId), read(sessions, listenerId), read(tracks, seedTrackId)]);
}

answerParent(run);
