import type { RowWrite } from '../../../src/store/row-store.js';
import type { Bench } from './bench.js';
import { all, bytes, numbered, plain, text } from './bench.js';

export function manyRowsContract(bench: () => Bench): void {
  describe('writing many rows', () => {
    it('writes them all, and replaces rows of the same key', async () => {
      const { store } = bench();
      await store.createTable('tracks.g1');
      await store.mutate({ table: 'tracks.g1', key: 'row-0007' }, { set: [['old', bytes('x')]] });
      expect(await store.writeAll('tracks.g1', numbered(2500, 4))).toBe(2500);
      const rows = await store.read(
        [0, 7, 2499, 2500].map((i) => ({ table: 'tracks.g1', key: `row-${String(i).padStart(4, '0')}` })),
      );
      expect(rows.map(plain)).toEqual([{ n: '0' }, { n: '7' }, { n: '2499' }, undefined]);
    });

    it('is the same when done twice', async () => {
      const { store } = bench();
      await store.createTable('tracks.g1');
      for (let i = 0; i < 2; i++) await store.writeAll('tracks.g1', numbered(100, 3));
      expect(await all(store.scan('tracks.g1', ''))).toHaveLength(100);
    });

    it('takes rows as they come, and copies what it was given', async () => {
      const { store } = bench();
      const shared = new Uint8Array(4);
      async function* reused(): AsyncIterable<RowWrite> {
        for (let i = 0; i < 20; i++) {
          await Promise.resolve();
          shared.fill(i);
          yield { key: `k${i}`, columns: [['n', shared]] };
        }
      }
      await store.writeAll('sessions', reused());
      const rows = await store.read([3, 19].map((i) => ({ table: 'sessions', key: `k${i}` })));
      expect(rows.map((row) => row?.get('n')?.[0])).toEqual([3, 19]);
    });

    it('rejects when its rows fail, and when there is no table', async () => {
      const { store } = bench();
      function* failing(): Iterable<RowWrite> {
        yield* numbered(3, 1);
        throw new Error('no more rows');
      }
      await expect(store.writeAll('sessions', failing())).rejects.toThrow('no more rows');
      await expect(store.writeAll('tracks.none', numbered(3, 1))).rejects.toMatchObject({ reason: 'no-table' });
    });

    it('stops when aborted', async () => {
      const { store } = bench();
      const abort = new AbortController();
      let taken = 0;
      function* endless(): Iterable<RowWrite> {
        for (;;) {
          if (taken === 5000) abort.abort();
          yield { key: `k${taken++}`, columns: [['n', bytes('1')]] };
        }
      }
      await expect(store.writeAll('sessions', endless(), { signal: abort.signal })).rejects.toMatchObject({
        reason: 'aborted',
      });
      expect(taken).toBeLessThan(50_000);
    });
  });

  describe('scanning', () => {
    it('gives rows of a prefix in the byte order of their keys', async () => {
      const { store } = bench();
      const keys = ['b#1', 'a#2', 'a#10', 'a#é', 'a#z', 'a', 'a#', 'ab', 'a#🎧', 'a#～'];
      await store.writeAll(
        'sessions',
        keys.map((key) => ({ key, columns: [['k', bytes(key)] as const] })),
      );
      const sorted = (list: string[]) => list.sort((p, q) => Buffer.compare(Buffer.from(p), Buffer.from(q)));
      const scanned = await all(store.scan('sessions', 'a#'));
      expect(scanned.map(({ key }) => key)).toEqual(sorted(keys.filter((key) => key.startsWith('a#'))));
      expect(scanned.map(({ key, row }) => text(row.get('k')) === key)).not.toContain(false);
      expect((await all(store.scan('sessions', ''))).map(({ key }) => key)).toEqual(sorted([...keys]));
      expect(await all(store.scan('sessions', 'none'))).toEqual([]);
    });

    it('gives each of many rows once, and none of a neighbouring table', async () => {
      const { store } = bench();
      for (const table of ['tracks.g1', 'contexts.g1']) await store.createTable(table);
      await store.writeAll('tracks.g1', numbered(2300, 4));
      await store.writeAll('contexts.g1', numbered(3, 4));
      const keys = (await all(store.scan('tracks.g1', 'row-'))).map(({ key }) => key);
      expect(keys).toEqual([...numbered(2300, 4)].map(({ key }) => key));
    });

    it('can be left early, and names a missing table', async () => {
      const { store } = bench();
      await store.writeAll('sessions', numbered(600, 3));
      for await (const { key } of store.scan('sessions', '')) {
        expect(key).toBe('row-000');
        break;
      }
      await expect(all(store.scan('tracks.none', ''))).rejects.toMatchObject({ reason: 'no-table' });
    });
  });
}
