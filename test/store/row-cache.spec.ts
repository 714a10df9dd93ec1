import { wholeReads, type RowOutcome } from '../../src/store/row-reads.js';
import { RowCache } from '../../src/store/row-cache.js';
import { StoreError, type RowRef } from '../../src/store/row-store.js';
import { scratchStore, type ScratchStore } from './scratch-store.js';

const listener = (key: string, generation = 'g1'): RowRef => ({ table: `listeners.${generation}`, key });

function said(outcome: RowOutcome): string {
  if (outcome instanceof StoreError) return outcome.reason;
  return outcome === undefined ? 'none' : Buffer.from(outcome.get('v') ?? []).toString();
}

describe('rows in memory', () => {
  let scratch: ScratchStore;
  /** Keys that reached the store. */
  let asked: string[];

  beforeEach(async () => {
    scratch = await scratchStore(['sessions', 'listeners.g1', 'listeners.g2']);
    for (const ref of [listener('a'), listener('b'), listener('a', 'g2'), { table: 'sessions', key: 'a' }]) {
      await scratch.store.mutate(ref, { set: [['v', Buffer.from(`${ref.table} ${ref.key}`)]] });
    }
    asked = [];
  });

  afterEach(() => scratch.remove());

  function cacheOf(bytesMax: number): RowCache {
    const reads = wholeReads(scratch.store);
    const cache = new RowCache(
      {
        readEach: (refs, options) => {
          asked.push(...refs.map(({ key }) => key));
          return reads.readEach(refs, options);
        },
      },
      ['listeners'],
      bytesMax,
    );
    cache.serve('g1');
    return cache;
  }

  const read = async (cache: RowCache, ...refs: RowRef[]) => (await cache.readEach(refs)).map(said);

  it('are read once, also that there is none', async () => {
    const cache = cacheOf(100_000);
    for (let round = 0; round < 3; round++) {
      expect(await read(cache, listener('a'), listener('nobody'), listener('b'))).toEqual([
        'listeners.g1 a',
        'none',
        'listeners.g1 b',
      ]);
    }
    expect(asked).toEqual(['a', 'nobody', 'b']);
    expect(cache.counts).toEqual({ hits: 6, misses: 3, evictions: 0 });
  });

  it('of live tables are read each time, together with what is missing', async () => {
    const cache = cacheOf(100_000);
    await read(cache, listener('a'));
    const session = { table: 'sessions', key: 'a' };
    expect(await read(cache, listener('b'), session, listener('a'))).toEqual([
      'listeners.g1 b',
      'sessions a',
      'listeners.g1 a',
    ]);
    expect(await read(cache, session)).toEqual(['sessions a']);
    expect(asked).toEqual(['a', 'b', 'a', 'a']);
  });

  it('of a generation are forgotten when the next one serves, and those of others never kept', async () => {
    const cache = cacheOf(100_000);
    await read(cache, listener('a'));
    cache.serve('g2');
    expect(cache.bytes).toBe(0);
    expect(await read(cache, listener('a'), listener('a', 'g2'))).toEqual(['listeners.g1 a', 'listeners.g2 a']);
    expect(await read(cache, listener('a'), listener('a', 'g2'))).toEqual(['listeners.g1 a', 'listeners.g2 a']);
    expect(asked).toEqual(['a', 'a', 'a', 'a']);
  });

  it('of a missing table are no absent rows', async () => {
    await scratch.store.dropTable('listeners.g1');
    const cache = cacheOf(100_000);
    expect(await read(cache, listener('a'))).toEqual(['no-table']);
    expect(cache.bytes).toBe(0);
    await scratch.store.createTable('listeners.g1');
    await scratch.store.mutate(listener('a'), { set: [['v', Buffer.from('back')]] });
    expect(await read(cache, listener('a'))).toEqual(['back']);
  });

  it('stay within their bytes, absent ones too; those not asked for the longest go', async () => {
    const cache = cacheOf(2_500);
    for (let i = 0; i < 100; i++) {
      await read(cache, listener('a'), listener(`nobody ${i}`));
      expect(cache.bytes).toBeLessThanOrEqual(2_500);
    }
    expect(asked.filter((key) => key === 'a')).toHaveLength(1);
    expect(cache.counts.evictions).toBeGreaterThan(90);
  });

  it('hold no more memory than their own', async () => {
    const cache = cacheOf(100_000);
    await read(cache, listener('a'));
    const [row] = await cache.readEach([listener('a')]);
    expect(row instanceof Map ? (row.get('v') as Uint8Array).buffer.byteLength : 0).toBe('listeners.g1 a'.length);
  });

  it('are not kept in no bytes', async () => {
    const cache = cacheOf(0);
    for (let round = 0; round < 2; round++) expect(await read(cache, listener('a'))).toEqual(['listeners.g1 a']);
    expect(asked).toEqual(['a', 'a']);
  });
});
