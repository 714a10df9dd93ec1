import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { decodeListenerRow } from '../../src/listeners/listener-row.js';
import { openLmdbStore } from '../../src/store/lmdb/lmdb-store.js';
import type { RowStore } from '../../src/store/row-store.js';
import { generationTable, rowKey } from '../../src/store/tables.js';
import type { Clock } from '../../src/worlds/load/claim.js';
import { loadWorld } from '../../src/worlds/load/load-world.js';
import { thisProcess } from '../../src/worlds/load/owner.js';
import { useGeneration } from '../../src/worlds/load/use-generation.js';
import { LoadedWorlds } from '../../src/worlds/loaded-worlds.js';
import { movePointer } from '../../src/worlds/pointer.js';
import type { World } from '../../src/worlds/world.js';
import { listenerId, SMALL, trackId, writeBuild } from '../fixtures/build.js';

const clock: Clock = { nowMs: () => 1_000_000, monotonicMs: () => performance.now(), sleep: () => Promise.resolve() };
/** Worlds that differ in their catalogue and in the scores of their rows. */
const SHAPES = [SMALL, { ...SMALL, tracks: 280, seed: 2 }];

let directory: string;
let store: RowStore;
let worlds: LoadedWorlds;
const failures: unknown[] = [];
const dropped: string[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'segue-worlds-'));
  for (const [i, shape] of SHAPES.entries()) await writeBuild(join(directory, `build-${i}`), shape);
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

let runs = 0;
beforeEach(() => {
  store = openLmdbStore({ dataDir: join(directory, `data-${runs++}`) });
  failures.length = 0;
  dropped.length = 0;
  worlds = new LoadedWorlds({
    store,
    pollMs: 600_000,
    random: () => 0.5,
    monotonicMs: () => performance.now(),
    observer: {
      loaded: () => undefined,
      failed: (error) => failures.push(error),
      dropped: (generation) => dropped.push(generation),
    },
  });
});

afterEach(async () => {
  await worlds.close();
  await store.close();
});

async function load(index: number): Promise<string> {
  const options = { store, owner: thisProcess(), clock, force: true, onProgress: () => undefined };
  return (await loadWorld(join(directory, `build-${index}`), options)).generation;
}

/** Whether the rows that the world's name leads to are of the world. */
async function isOneWorld(world: World): Promise<boolean> {
  const table = generationTable('listeners', world.generation);
  const [row] = await store.read([{ table, key: rowKey(listenerId(3)) }]);
  const { pool } = decodeListenerRow(row!, world.catalogue);
  const shape = SHAPES.find(({ tracks }) => tracks === world.catalogue.count);
  return pool[0].scores[0] === 1 + (shape?.seed ?? 0) && world.catalogue.idOf(5) === trackId(5);
}

describe('the current world', () => {
  it('is unavailable before the first load, and there after it', async () => {
    await worlds.start();
    expect(worlds.current).toBeUndefined();
    expect(failures).toEqual([]);
    expect(() => worlds.pin()).toThrow('no world is loaded yet');
    const generation = await load(0);
    await worlds.refresh();
    const pinned = worlds.pin();
    expect([pinned.world.generation, await isOneWorld(pinned.world)]).toEqual([generation, true]);
    pinned.release();
  });

  it('stays with the request that pinned it, and is dropped after its last release', async () => {
    const first = await load(0);
    await worlds.start();
    const early = [worlds.pin(), worlds.pin()];
    const second = await load(1);
    await worlds.refresh();
    const late = worlds.pin();
    expect(early.map(({ world }) => world.generation)).toEqual([first, first]);
    expect(late.world.generation).toBe(second);
    expect(await isOneWorld(early[0].world)).toBe(true);
    early[0].release();
    early[0].release();
    expect(dropped).toEqual([]);
    early[1].release();
    expect(dropped).toEqual([first]);
    late.release();
    expect(dropped).toEqual([first]);
  });

  it('is never mixed while worlds change under many requests', async () => {
    await load(0);
    await worlds.start();
    let served = 0;
    let mixed = 0;
    let ended = false;
    const request = async (): Promise<void> => {
      while (!ended) {
        const pinned = worlds.pin();
        await turn();
        if (!(await isOneWorld(pinned.world))) mixed++;
        pinned.release();
        served++;
      }
    };
    const requests = Array.from({ length: 8 }, request);
    const loaded: string[] = [];
    for (let i = 0; i < 4; i++) {
      loaded.push(await load((i + 1) % 2));
      await Promise.all([worlds.refresh(), worlds.refresh()]);
    }
    ended = true;
    await Promise.all(requests);
    expect(mixed).toBe(0);
    expect(failures).toEqual([]);
    expect(served).toBeGreaterThan(50);
    expect(worlds.current?.generation).toBe(loaded.at(-1));
    expect(dropped.length).toBe(4);
  });

  it('stays when the next one is corrupt, and gives way to a good one', async () => {
    const good = await load(0);
    await worlds.start();
    const bad = await load(1);
    const table = generationTable('catalogue', bad);
    const [row] = await store.read([{ table, key: 'chunk#000000' }]);
    const bytes = Uint8Array.from(row!.get('bytes')!);
    bytes[bytes.length >> 1] ^= 1;
    await store.mutate({ table, key: 'chunk#000000' }, { set: [['bytes', bytes]] });
    await worlds.refresh();
    expect(worlds.current?.generation).toBe(good);
    expect(worlds.failures).toBe(1);
    expect(failures).toEqual([expect.objectContaining({ message: 'the catalogue file does not match its checksum' })]);
    await store.mutate({ table, key: 'chunk#000000' }, { remove: ['bytes'] });
    await worlds.refresh();
    expect(failures.length).toBe(2);
    const next = await load(1);
    await worlds.refresh();
    expect(worlds.current?.generation).toBe(next);
  });

  it('stays when the pointer leads to nothing', async () => {
    const good = await load(0);
    await worlds.start();
    await movePointer(store, 'nothing', 0);
    await worlds.refresh();
    expect([worlds.current?.generation, failures.length]).toEqual([good, 1]);
  });

  it('goes back with the pointer', async () => {
    const first = await load(0);
    await load(1);
    await worlds.start();
    await useGeneration(store, first, 0);
    await worlds.refresh();
    expect(worlds.current?.generation).toBe(first);
  });
});
