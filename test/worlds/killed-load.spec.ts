import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openLmdbStore } from '../../src/store/lmdb/lmdb-store.js';
import type { RowStore } from '../../src/store/row-store.js';
import { GENERATION_TABLES, generationTable } from '../../src/store/tables.js';
import type { Clock } from '../../src/worlds/load/claim.js';
import { collectAll, findCollectable } from '../../src/worlds/load/collect.js';
import { LoadState, readLoads } from '../../src/worlds/load/load-record.js';
import { thisProcess } from '../../src/worlds/load/owner.js';
import { readPointer } from '../../src/worlds/pointer.js';
import { SMALL, writeBuild, type BuildShape } from '../fixtures/build.js';
import { compiledSource } from '../compiled.js';
import { eventually } from '../eventually.js';
import { pauseProcess } from '../pause-process.js';

const NEXT: BuildShape = { tracks: 2_000, listeners: 1_000, contexts: 100, seed: 2 };
const KILLS = 6;
const clock: Clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now(), sleep: () => Promise.resolve() };

let directory: string;
let compiled: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'segue-killed-'));
  compiled = await compiledSource();
  await writeBuild(join(directory, 'first'), SMALL);
  await writeBuild(join(directory, 'next'), NEXT);
});

afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
  await rm(compiled, { recursive: true, force: true });
});

function startLoad(build: string, dataDir: string): ChildProcess {
  return spawn(process.execPath, [join(compiled, 'cli.js'), 'load', join(directory, build)], {
    env: { ...process.env, NODE_OPTIONS: '', SEGUE_DATA_DIR: dataDir, SEGUE_STORE: 'lmdb' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

async function loadToTheEnd(build: string, dataDir: string): Promise<number> {
  const startedMs = performance.now();
  const child = startLoad(build, dataDir);
  let errors = '';
  child.stderr?.on('data', (data: Buffer) => (errors += data.toString()));
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`load ended with ${code}: ${errors}`);
  return performance.now() - startedMs;
}

async function withStore<T>(dataDir: string, work: (store: RowStore) => Promise<T>): Promise<T> {
  const store = openLmdbStore({ dataDir });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Every cell of a generation, as one text a row. */
async function contentOf(store: RowStore, generation: string): Promise<string[]> {
  const rows: string[] = [];
  for (const name of GENERATION_TABLES) {
    for await (const { key, row } of store.scan(generationTable(name, generation), '')) {
      const cells = [...row].map(([column, value]) => `${column}=${Buffer.from(value).toString('base64')}`);
      rows.push(`${name} ${key} ${cells.sort().join(' ')}`);
    }
  }
  return rows;
}

describe('a load that is killed', () => {
  it('leaves the pointer alone, and goes on to the same rows when given again', async () => {
    const whole = join(directory, 'whole');
    const durationMs = await loadToTheEnd('next', whole);
    const dataDir = join(directory, 'data');
    await loadToTheEnd('first', dataDir);
    const first = await withStore(dataDir, readPointer);
    for (let i = 0; i < KILLS; i++) {
      const child = startLoad('next', dataDir);
      await sleep((durationMs * (i + Math.random())) / KILLS);
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      const pointer = await withStore(dataDir, readPointer);
      const loads = await withStore(dataDir, readLoads);
      const next = loads.find(({ record }) => record.generation !== first?.generation)?.record;
      const isReady = next?.state === LoadState.READY;
      expect([first?.generation, isReady ? next.generation : undefined]).toContain(pointer?.generation);
    }
    await loadToTheEnd('next', dataDir);
    const pointer = await withStore(dataDir, readPointer);
    expect(pointer?.previous).toBe(first?.generation);
    const expected = await withStore(whole, (store) => contentOf(store, pointer!.generation));
    expect(expected.length).toBeGreaterThan(NEXT.listeners + NEXT.contexts);
    expect(await withStore(dataDir, (store) => contentOf(store, pointer!.generation))).toEqual(expected);
  }, 180_000);

  it('is collected when its process is gone, and not while it only stands still', async () => {
    const dataDir = join(directory, 'stopped');
    await loadToTheEnd('first', dataDir);
    // One store all through: a load that stands still may hold the lock that opening another takes.
    const generation = await withStore(dataDir, async (store) => {
      const child = startLoad('next', dataDir);
      const ended = once(child, 'exit');
      try {
        await eventually(async () => {
          if (child.exitCode !== null) throw new Error('the load ended before it could be paused');
          const loads = await readLoads(store);
          return loads.some(({ record }) => record.state === LoadState.LOADING) ? true : undefined;
        });
        await pauseProcess(child);
        expect(await findCollectable(store, clock)).toEqual([]);
      } finally {
        child.kill('SIGKILL');
      }
      await ended;
      const collected = await collectAll(store, clock, thisProcess());
      expect(collected.map(({ reason }) => reason)).toEqual(['died']);
      const tables = await store.listTables();
      expect(tables.filter((table) => table.includes(collected[0].generation))).toEqual([]);
      return collected[0].generation;
    });
    await loadToTheEnd('next', dataDir);
    const pointer = await withStore(dataDir, readPointer);
    expect(pointer?.generation).toBe(`${generation}-2`);
  }, 180_000);
});
