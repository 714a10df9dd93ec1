import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LmdbStoreOptions } from '../../src/store/lmdb/lmdb-store.js';
import { openLmdbStore } from '../../src/store/lmdb/lmdb-store.js';
import type { RowStore, RowWrite } from '../../src/store/row-store.js';
import { compiledSource } from '../compiled.js';
import { eventually } from '../eventually.js';
import { StoreProcess } from './processes/store-process.js';
import { all, bytes, numbered, plain } from './row-store/bench.js';

const a = { table: 'sessions', key: 'a' };
const KILLS = 8;

describe('LMDB among processes', () => {
  let compiled: string;
  let dataDir: string;
  let here: RowStore;
  let processes: StoreProcess[];

  beforeAll(async () => {
    compiled = await compiledSource();
  });

  afterAll(async () => {
    await rm(compiled, { recursive: true });
  });

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'segue-lmdb-'));
    here = openLmdbStore({ dataDir });
    processes = [];
    await here.createTable('sessions');
  });

  afterEach(async () => {
    for (const process of processes) await process.kill();
    await here.close();
    await rm(dataDir, { recursive: true });
  });

  const start = async (options: Partial<LmdbStoreOptions> = {}): Promise<StoreProcess> => {
    const process = await StoreProcess.start(compiled, { dataDir, ...options });
    processes.push(process);
    return process;
  };

  it('no column is lost when two processes write the same row', async () => {
    const writers = [here, await start(), await start()];
    const columns = Array.from({ length: 300 }, (_, i) => `event-${i}`);
    await Promise.all(columns.map((column, i) => writers[i % 3]?.mutate(a, { set: [[column, bytes(column)]] })));
    const [row] = await here.read([a]);
    expect([...row!.keys()].sort()).toEqual([...columns].sort());
  });

  it('exactly one process wins a compare and set', async () => {
    const rivals = [here, await start(), await start()];
    let held: Uint8Array | undefined;
    for (let round = 0; round < 30; round++) {
      const won = await Promise.all(
        rivals.map((rival, i) => rival.compareAndSet(a, 'lease', held, bytes(`${round}/${i}`))),
      );
      expect(won.filter(Boolean)).toHaveLength(1);
      held = bytes(`${round}/${won.indexOf(true)}`);
    }
  });

  it('a change is seen by another process as soon as it resolved', async () => {
    const there = await start();
    for (let i = 0; i < 50; i++) {
      await there.mutate(a, { set: [['x', bytes(String(i))]] });
      expect((await here.read([a])).map(plain)).toEqual([{ x: String(i) }]);
    }
  });

  it('a reader goes on while another process outgrows the map that it opened', async () => {
    const mapBytesInitial = 2 ** 20;
    const writer = await start({ mapBytesInitial });
    const reader = await start({ mapBytesInitial });
    await writer.createTable('tracks.g1');
    for (let round = 0; round < 10; round++) {
      const rows = Array.from({ length: 1000 }, (_, i): RowWrite => {
        return { key: `k-${round}-${i}`, columns: [['n', new Uint8Array(4000).fill(i)]] };
      });
      await writer.writeAll('tracks.g1', rows);
      await writer.mutate(a, { set: [[`round-${round}`, new Uint8Array(300_000).fill(round)]] });
      const [row, live] = await reader.read([{ table: 'tracks.g1', key: `k-${round}-999` }, a]);
      expect(row?.get('n')?.every((byte) => byte === 999 % 256)).toBe(true);
      expect(live?.get(`round-${round}`)?.every((byte) => byte === round)).toBe(true);
    }
    expect(await reader.scanned('tracks.g1', 'k-')).toHaveLength(10_000);
  });

  it('a generation that another process loads becomes visible, and a replaced one is found again', async () => {
    let now = 0;
    const reader = openLmdbStore({ dataDir, nowMs: () => now });
    const ref = { table: 'tracks.g1', key: 'row-1' };
    await expect(reader.read([ref])).rejects.toMatchObject({ reason: 'no-table' });
    const loader = await start();
    await loader.createTable('tracks.g1');
    await loader.writeAll('tracks.g1', numbered(5, 1));
    expect((await reader.read([ref])).map(plain)).toEqual([{ n: '1' }]);

    await loader.dropTable('tracks.g1');
    const [afterDrop] = await Promise.allSettled([reader.read([ref])]);
    if (afterDrop.status === 'rejected') expect(afterDrop.reason).toMatchObject({ reason: 'no-table' });
    await loader.createTable('tracks.g1');
    await loader.writeAll('tracks.g1', [{ key: 'row-1', columns: [['n', bytes('new')]] }]);
    now += 5000;
    expect((await reader.read([ref])).map(plain)).toEqual([{ n: 'new' }]);
    await reader.close();
  });

  it('a process that opened a generation for reading can write it, without harm to other stores of the process', async () => {
    const loader = await start();
    await loader.createTable('tracks.g1');
    await loader.writeAll('tracks.g1', numbered(5, 1));
    const second = openLmdbStore({ dataDir });
    const ref = { table: 'tracks.g1', key: 'row-1' };
    await here.read([ref]);
    await second.read([ref]);
    await second.mutate(ref, { set: [['n', bytes('changed')]] });
    await second.close();
    expect((await here.read([ref])).map(plain)).toEqual([{ n: 'changed' }]);
  });

  it(`killed ${KILLS} times while it writes: the data stays whole, and others go on`, async () => {
    await here.createTable('tracks.g1');
    const survivor = await start();
    for (let kill = 0; kill < KILLS; kill++) {
      const victim = await start();
      victim.writeForever();
      const before = await progress(survivor);
      await eventually(async () => ((await progress(survivor)) === before ? undefined : true));
      await sleep(kill * 7);
      await victim.kill();
      await survivor.mutate(a, { set: [[`after-${kill}`, bytes('1')]] });
      const rows = await here.read(Array.from({ length: 20 }, (_, i) => ({ table: 'sessions', key: `row-${i}` })));
      for (const row of rows) {
        expect(row === undefined || Buffer.compare(row.get('x')!, row.get('y')!) === 0).toBe(true);
      }
      for (const { row } of await all(here.scan('tracks.g1', ''))) expect(row.get('n')).toHaveLength(2000);
    }
    expect([...(await here.read([a]))[0]!.keys()]).toHaveLength(KILLS);
  });

  const progress = async (reader: StoreProcess): Promise<number | undefined> =>
    (await reader.read([{ table: 'sessions', key: 'row-0' }]))[0]?.get('x')?.[0];
});
