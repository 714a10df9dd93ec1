import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLmdbStore } from '../../src/store/lmdb/lmdb-store.js';
import type { RowStore } from '../../src/store/row-store.js';
import { generationTable } from '../../src/store/tables.js';
import type { Build } from '../../src/worlds/load/build-dir.js';
import { claimLoad, type Clock } from '../../src/worlds/load/claim.js';
import { collectAll, collectSuperseded, findCollectable, GRACE_MS } from '../../src/worlds/load/collect.js';
import { BEAT_MS, LoadLease } from '../../src/worlds/load/lease.js';
import { changeLoad, LoadState, readLoad } from '../../src/worlds/load/load-record.js';
import { thisProcess, type OwnerId } from '../../src/worlds/load/owner.js';
import { useGeneration } from '../../src/worlds/load/use-generation.js';
import { readPointer } from '../../src/worlds/pointer.js';

const here = thisProcess();
/** As a process of this host that has ended: the number is taken by this one, which started at another time. */
const gone: OwnerId = { ...here, started: '1' };
const elsewhere: OwnerId = { host: 'another-host', pid: 7, started: '9' };

const counts = {
  tracks: 1,
  popular: 1,
  neighbours: 0,
  listeners: 0,
  pools: 0,
  signals: 0,
  signal_artists: 0,
  history: 0,
  history_artists: 0,
  heard: 0,
  contexts: 0,
};
const build: Build = {
  directory: '/nowhere',
  dataFingerprint: 'ab'.repeat(32),
  builtThroughMs: 1,
  createdAtMs: 0,
  digest: 'cd'.repeat(32),
  counts,
};

let directory: string;
let store: RowStore;
let nowMs: number;
let monotonicMs: number;
let whileAsleep: () => Promise<unknown>;
const clock: Clock = {
  nowMs: () => nowMs,
  monotonicMs: () => monotonicMs,
  sleep: async () => {
    await whileAsleep();
  },
};

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'segue-lease-'));
  store = openLmdbStore({ dataDir: directory });
  await store.createTable('worlds');
  nowMs = 1_000_000;
  monotonicMs = 0;
  whileAsleep = () => Promise.resolve();
});

afterEach(async () => {
  await store.close();
  await rm(directory, { recursive: true, force: true });
});

async function lease(owner: OwnerId, wish: { generation?: string; force?: boolean } = {}): Promise<LoadLease> {
  const claimed = await claimLoad({ store, build, owner, clock }, { force: false, ...wish });
  if (!(claimed instanceof LoadLease)) throw new Error(`${claimed.ready} is ready`);
  return claimed;
}

/** A generation that is ready, with one table. */
async function ready(generation: string): Promise<void> {
  await using held = await lease(here, { generation });
  await store.createTable(generationTable('tracks', generation));
  await held.finish(nowMs);
}

describe('the lease of a load', () => {
  it('is refused while its owner runs', async () => {
    await using held = await lease(here);
    await expect(lease(here)).rejects.toThrow(/is being loaded by process/);
    expect(held.signal.aborted).toBe(false);
  });

  it('is taken over from a process that is gone', async () => {
    await using dead = await lease(gone);
    await dead.tableDone('tracks', 5);
    await using next = await lease(here);
    expect([next.record.fence, next.isDone('tracks'), next.isDone('listeners')]).toEqual([2n, true, false]);
  });

  it('is taken over from another host only when it does not beat', async () => {
    await using far = await lease(elsewhere);
    whileAsleep = () => far.beat();
    await expect(lease(here)).rejects.toThrow(/is being loaded by process 7 on another-host/);
    whileAsleep = () => Promise.resolve();
    await using next = await lease(here);
    expect(next.record.fence).toBe(2n);
  });

  it('lost to another, writes no further row and never becomes ready', async () => {
    await using slept = await lease(elsewhere);
    await using next = await lease(here);
    monotonicMs += BEAT_MS * 3;
    const rows = slept.guard([1, 2, 3], () => undefined);
    await expect(rows.next()).rejects.toThrow(/another process took over/);
    await expect(slept.finish(nowMs)).rejects.toThrow(/another process took over/);
    expect(slept.signal.aborted).toBe(true);
    await next.finish(nowMs);
    expect((await readLoad(store, next.record.generation))?.record.state).toBe(LoadState.READY);
  });

  it('changes one after the other, whoever asks first', async () => {
    await using held = await lease(here);
    await Promise.all([held.beat(), held.tableDone('tracks', 1), held.beat(), held.tableDone('contexts', 2)]);
    expect(held.record.tables).toEqual({ tracks: 1, contexts: 2 });
    expect((await readLoad(store, held.record.generation))?.record.beat).toBe(4n);
  });

  it.each(['', 'With-Capitals', 'a.b', 'x'.repeat(41)])('is refused for the name "%s"', async (generation) => {
    await expect(lease(here, { generation })).rejects.toThrow(/must be 1 to 40 small letters/);
  });
});

describe('collecting', () => {
  it('leaves a load that runs, here or elsewhere, whatever its age', async () => {
    await using near = await lease(here, { generation: 'here' });
    await using far = await lease(elsewhere, { generation: 'far' });
    nowMs += 365 * 86_400_000;
    whileAsleep = () => far.beat();
    expect(await collectAll(store, clock, here)).toEqual([]);
    expect([near.signal.aborted, far.signal.aborted]).toEqual([false, false]);
  });

  it('drops loads that died, and what another collector left half done', async () => {
    await using dead = await lease(gone, { generation: 'dead' });
    await store.createTable(generationTable('tracks', 'dead'));
    await ready('half');
    await changeLoad(store, 'half', await readLoad(store, 'half'), { state: LoadState.COLLECTING });
    expect(await findCollectable(store, clock)).toEqual([
      { generation: 'dead', reason: 'died' },
      { generation: 'half', reason: 'half collected' },
    ]);
    expect(await store.listTables()).toContain('tracks.dead');
    expect((await collectAll(store, clock, here)).length).toBe(2);
    expect(await store.listTables()).toEqual(['worlds']);
    await expect(dead.beat()).rejects.toThrow(/another process took over/);
  });

  it('keeps the current and the previous, and others until the grace has passed', async () => {
    for (const name of ['a', 'b', 'c']) {
      await ready(name);
      await useGeneration(store, name, nowMs);
    }
    nowMs += GRACE_MS - 1;
    expect(await collectSuperseded(store, nowMs)).toEqual([]);
    nowMs += 1;
    expect(await collectSuperseded(store, nowMs)).toEqual(['a']);
    expect(await store.listTables()).toEqual(['tracks.b', 'tracks.c', 'worlds']);
  });

  it('counts the grace from when a generation was last current', async () => {
    for (const name of ['a', 'b', 'a', 'b', 'c']) {
      if ((await readLoad(store, name)) === undefined) await ready(name);
      await useGeneration(store, name, nowMs);
      nowMs += GRACE_MS / 2;
    }
    expect(await collectSuperseded(store, nowMs)).toEqual(['a']);
  });

  it('gives a generation that never became current its grace too', async () => {
    await ready('lost');
    await ready('a');
    await useGeneration(store, 'a', nowMs);
    expect(await collectSuperseded(store, nowMs)).toEqual([]);
    nowMs += GRACE_MS;
    expect(await collectSuperseded(store, nowMs)).toEqual(['lost']);
  });

  it('never gives a name again, so that whoever slept cannot write into another load', async () => {
    await using dead = await lease(gone);
    const { generation } = dead.record;
    await collectAll(store, clock, here);
    await using next = await lease(here);
    expect(next.record.generation).toBe(`${generation}-2`);
    await expect(lease(here, { generation })).rejects.toThrow(/was used before/);
  });
});

describe('using a generation', () => {
  it('goes back and forth', async () => {
    await ready('a');
    await ready('b');
    await useGeneration(store, 'a', nowMs);
    await useGeneration(store, 'b', nowMs);
    await useGeneration(store, 'a', nowMs);
    expect(await readPointer(store)).toEqual({ generation: 'a', previous: 'b' });
  });

  it('is refused for one that is not ready, and says which are', async () => {
    await ready('a');
    await using held = await lease(here, { generation: 'b' });
    expect(held.record.state).toBe(LoadState.LOADING);
    await expect(useGeneration(store, 'b', nowMs)).rejects.toThrow('no generation "b" that is ready; ready are: a');
    expect(await readPointer(store)).toBeUndefined();
  });
});
