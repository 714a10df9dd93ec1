import { ListenerCache } from '../../src/listeners/listener-cache.js';
import { packHeard, packPool } from '../../src/listeners/pack-listener-row.js';
import { StoreReads } from '../../src/recommend/store-reads.js';
import { wholeReads } from '../../src/store/row-reads.js';
import { rowKey } from '../../src/store/tables.js';
import { smallWorld } from '../fixtures/small-world.js';
import { scratchStore, type ScratchStore } from '../store/scratch-store.js';

const TRACKS = 500;
const BYTES_MAX = 60_000;
const world = smallWorld(Array.from({ length: TRACKS }, () => ({})));
const next = smallWorld(
  Array.from({ length: TRACKS }, () => ({})),
  'g-next',
);

describe('a listener whose row is in memory', () => {
  let scratch: ScratchStore;
  let tables: string[];
  let corrupt: string[];
  let cache: ListenerCache;
  let reads: StoreReads;
  let uncached: StoreReads;

  beforeEach(async () => {
    scratch = await scratchStore(['sessions', 'listeners.g-test', 'listeners.g-next']);
    tables = [];
    corrupt = [];
    cache = new ListenerCache(BYTES_MAX);
    cache.serve('g-test');
    const observer = { corrupt: (_table: string, error: Error): unknown => corrupt.push(error.message) };
    const rows = wholeReads(scratch.store);
    const counted: typeof rows = {
      readEach: (refs, options) => {
        tables.push(...refs.map(({ table }) => table));
        return rows.readEach(refs, options);
      },
    };
    reads = new StoreReads(counted, observer, { listeners: cache });
    uncached = new StoreReads(rows, observer);
  });

  afterEach(() => scratch.remove());

  const put = async (generation: string, listenerId: string, length: number): Promise<void> => {
    const ordinals = Uint32Array.from({ length }, (_, i) => (i * 7) % TRACKS);
    const scores = Float32Array.from(ordinals, (ordinal) => 1 / (1 + ordinal));
    // Names of all lengths, so that lists lie at all alignments.
    const pools = Array.from({ length: 8 }, (_, i) => ({ name: 's'.repeat(i + 1), ordinals, scores }));
    const ref = { table: `listeners.${generation}`, key: rowKey(listenerId) };
    await scratch.store.mutate(ref, {
      set: [
        ['pool', packPool(5, pools)],
        ['heard', packHeard(7, ['t1', 't2'])],
      ],
    });
  };

  it('is read and decoded once, as without a memory; the session each time', async () => {
    await put('g-test', 'ann', 13);
    const first = await reads.listener(world, 'ann', {});
    const second = await reads.listener(world, 'ann', {});
    expect(second.row).toBe(first.row);
    expect(second.row?.pool).toEqual((await uncached.listener(world, 'ann', {})).row?.pool);
    expect(second.row).toMatchObject({ builtThroughMs: 7 });
    expect(second.row?.heard?.has('t2')).toBe(true);
    expect(tables).toEqual(['listeners.g-test', 'sessions', 'sessions']);
    expect(cache.counts).toEqual({ hits: 1, misses: 1, evictions: 0 });
  });

  it('keeps what it decoded when other rows are decoded after it', async () => {
    const names = Array.from({ length: 5 }, (_, i) => `listener-${i}`);
    for (const [i, name] of names.entries()) await put('g-test', name, 3 + i);
    for (const name of names) await reads.listener(world, name, {});
    for (const name of names) {
      const kept = (await reads.listener(world, name, {})).row?.pool;
      expect(kept).toEqual((await uncached.listener(world, name, {})).row?.pool);
    }
    expect(cache.counts.hits).toBe(5);
  });

  it('is also known to have none', async () => {
    expect((await reads.listener(world, 'nobody', {})).row).toBeUndefined();
    expect((await reads.listener(world, 'nobody', {})).row).toBeUndefined();
    expect(tables).toEqual(['listeners.g-test', 'sessions', 'sessions']);
  });

  it('is that of the world which the request has pinned', async () => {
    await put('g-test', 'ann', 3);
    await put('g-next', 'ann', 4);
    const lengthIn = async (pinned: typeof world): Promise<number | undefined> =>
      (await reads.listener(pinned, 'ann', {})).row?.pool[0].ordinals.length;
    expect([await lengthIn(world), await lengthIn(world)]).toEqual([3, 3]);
    cache.serve('g-next');
    expect([await lengthIn(next), await lengthIn(world), await lengthIn(next)]).toEqual([4, 3, 4]);
  });

  it('is not kept where it is corrupt', async () => {
    const ref = { table: 'listeners.g-test', key: rowKey('ann') };
    await scratch.store.mutate(ref, { set: [['pool', Buffer.from('no message')]] });
    for (let round = 0; round < 2; round++) {
      expect((await reads.listener(world, 'ann', {})).corrupt).toEqual(['pool']);
    }
    expect(corrupt).toHaveLength(2);
  });

  it('fails as the session fails, and is kept', async () => {
    await put('g-test', 'ann', 3);
    await reads.listener(world, 'ann', {});
    await scratch.store.dropTable('sessions');
    await expect(reads.listener(world, 'ann', {})).rejects.toMatchObject({ reason: 'no-table' });
  });

  it('goes when others need its place', async () => {
    const names = Array.from({ length: 40 }, (_, i) => `listener-${i}`);
    for (const name of names) await put('g-test', name, 50);
    for (const name of names) await reads.listener(world, name, {});
    expect(cache.bytes).toBeLessThanOrEqual(BYTES_MAX);
    expect(cache.counts.evictions).toBeGreaterThan(0);
    tables.length = 0;
    await reads.listener(world, names[39], {});
    await reads.listener(world, names[0], {});
    expect(tables).toEqual(['sessions', 'listeners.g-test', 'sessions']);
  });

  it('is not kept without memory', () => {
    const none = new ListenerCache(0);
    none.serve('g-test');
    expect(none.of('g-test')).toBeUndefined();
    expect(none.bytes).toBe(0);
  });
});
