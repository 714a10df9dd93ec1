import { KEY_BYTES_MAX, VALUE_BYTES_MAX } from '../../../src/store/limits.js';
import type { Bench } from './bench.js';
import { a, bytes, plain, text } from './bench.js';

export function readingContract(bench: () => Bench): void {
  describe('reading', () => {
    it('gives back what was written, by column', async () => {
      const { store } = bench();
      await store.mutate(a, {
        set: [
          ['x', bytes('1')],
          ['y', bytes('2')],
        ],
      });
      expect((await store.read([a])).map(plain)).toEqual([{ x: '1', y: '2' }]);
    });

    it('keeps the order asked, with undefined for what is missing and repeats answered twice', async () => {
      const { store } = bench();
      for (const key of ['a', 'b', 'c']) await store.mutate({ table: 'sessions', key }, { set: [['k', bytes(key)]] });
      const keys = ['c', 'missing', 'a', 'c', 'b'];
      const rows = await store.read(keys.map((key) => ({ table: 'sessions', key })));
      expect(rows.map((row) => text(row?.get('k')))).toEqual(['c', undefined, 'a', 'c', 'b']);
    });

    it('reads many tables in one call', async () => {
      const { store } = bench();
      for (const table of ['listeners.g1', 'tracks.g1', 'listeners.g2']) {
        await store.createTable(table);
        await store.mutate({ table, key: 'a' }, { set: [['from', bytes(table)]] });
      }
      const tables = ['tracks.g1', 'sessions', 'listeners.g2', 'listeners.g1'];
      const rows = await store.read(tables.map((table) => ({ table, key: 'a' })));
      expect(rows.map((row) => text(row?.get('from')))).toEqual([
        'tracks.g1',
        undefined,
        'listeners.g2',
        'listeners.g1',
      ]);
    });

    it('reads nothing when asked for nothing', async () => {
      const { store } = bench();
      expect(await store.read([])).toEqual([]);
    });

    it('names a missing table', async () => {
      const { store } = bench();
      await expect(store.read([{ table: 'promotions', key: 'a' }])).rejects.toMatchObject({ reason: 'no-table' });
      await expect(store.read([{ table: 'tracks.none', key: 'a' }])).rejects.toMatchObject({ reason: 'no-table' });
    });

    it('gives values that later reads and writes leave alone, and that may be changed', async () => {
      const { store } = bench();
      await store.mutate(a, { set: [['x', bytes('first')]] });
      await store.mutate({ table: 'sessions', key: 'b' }, { set: [['x', bytes('other')]] });
      const [row] = await store.read([a]);
      const value = row!.get('x')!;
      await store.read([{ table: 'sessions', key: 'b' }]);
      await store.mutate(a, { set: [['x', bytes('second')]] });
      await store.read([a]);
      expect(text(value)).toBe('first');
      value.fill(0);
      expect((await store.read([a])).map(plain)).toEqual([{ x: 'second' }]);
    });
  });

  describe('values and keys', () => {
    it('takes any bytes, and none', async () => {
      const { store } = bench();
      const every = Uint8Array.from({ length: 512 }, (_, i) => i % 256);
      await store.mutate(a, {
        set: [
          ['every', every],
          ['empty', new Uint8Array()],
        ],
      });
      const [row] = await store.read([a]);
      expect([...row!.get('every')!]).toEqual([...every]);
      expect(row!.get('empty')).toHaveLength(0);
    });

    it('takes the largest value, and refuses a larger one', async () => {
      const { store } = bench();
      const largest = new Uint8Array(VALUE_BYTES_MAX).map((_, i) => i * 31);
      await store.mutate(a, { set: [['x', largest]] });
      const [row] = await store.read([a]);
      expect(Buffer.compare(row!.get('x')!, largest)).toBe(0);
      const tooLarge = new Uint8Array(VALUE_BYTES_MAX + 1);
      await expect(store.mutate(a, { set: [['x', tooLarge]] })).rejects.toMatchObject({ reason: 'too-large' });
      await expect(store.compareAndSet(a, 'x', undefined, tooLarge)).rejects.toMatchObject({ reason: 'too-large' });
      await expect(store.writeAll('sessions', [{ key: 'b', columns: [['x', tooLarge]] }])).rejects.toMatchObject({
        reason: 'too-large',
      });
    });

    it('keeps a row of several large values whole', async () => {
      const { store } = bench();
      const columns = ['p', 'q', 'r'].map((name, i) => [name, new Uint8Array(7_000_000).fill(i + 1)] as const);
      await store.writeAll('sessions', [{ key: 'a', columns }]);
      const [row] = await store.read([a]);
      for (const [name, value] of columns) expect(Buffer.compare(row!.get(name)!, value)).toBe(0);
    });

    it('takes the longest key, and refuses a longer or empty one', async () => {
      const { store } = bench();
      const longest = { table: 'sessions', key: 'k'.repeat(KEY_BYTES_MAX) };
      await store.mutate(longest, { set: [['x', bytes('1')]] });
      expect((await store.read([longest])).map(plain)).toEqual([{ x: '1' }]);
      const tooLong = { table: 'sessions', key: 'é'.repeat(KEY_BYTES_MAX / 2) + 'k' };
      for (const call of [() => store.read([tooLong]), () => store.mutate(tooLong, { set: [] })]) {
        await expect(call()).rejects.toMatchObject({ reason: 'too-large' });
      }
      await expect(store.read([{ table: 'sessions', key: '' }])).rejects.toMatchObject({ reason: 'error' });
    });

    it('tells keys and columns of any script apart', async () => {
      const { store } = bench();
      const keys = ['00#Björk', '00#Bjork', '00#雪', '00#🎧', '00#a b\tc', '00#\u0000', 'ÿ'];
      for (const key of keys) await store.mutate({ table: 'sessions', key }, { set: [[`spalte-${key}`, bytes(key)]] });
      const rows = await store.read(keys.map((key) => ({ table: 'sessions', key })));
      expect(rows.map(plain)).toEqual(keys.map((key) => ({ [`spalte-${key}`]: key })));
    });

    it('refuses names of tables that are none', async () => {
      const { store } = bench();
      for (const table of ['', '../rows', 'a/b', 'Sessions', 'x.y.z', 'tracks.', 'a'.repeat(51)]) {
        await expect(store.createTable(table)).rejects.toMatchObject({ reason: 'error' });
        await expect(store.read([{ table, key: 'a' }])).rejects.toMatchObject({ reason: 'error' });
      }
    });
  });
}
