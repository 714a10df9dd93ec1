import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Bench } from './bench.js';
import { a, all, bytes, numbered, plain } from './bench.js';

export function tablesContract(bench: () => Bench): void {
  describe('tables', () => {
    it('lists, creates twice and drops twice', async () => {
      const { store } = bench();
      for (let i = 0; i < 2; i++) {
        await store.createTable('listeners.g1');
        await store.createTable('tracks.g1');
      }
      expect(await store.listTables()).toEqual(['listeners.g1', 'sessions', 'tracks.g1']);
      await store.mutate({ table: 'tracks.g1', key: 'a' }, { set: [['x', bytes('1')]] });
      for (let i = 0; i < 2; i++) await store.dropTable('tracks.g1');
      await store.dropTable('tracks.never');
      expect(await store.listTables()).toEqual(['listeners.g1', 'sessions']);
      await expect(store.read([{ table: 'tracks.g1', key: 'a' }])).rejects.toMatchObject({ reason: 'no-table' });
    });

    it('is empty when created again after a drop', async () => {
      const { store } = bench();
      for (const table of ['promotions', 'tracks.g1', 'listeners.g1']) {
        await store.createTable(table);
        await store.writeAll(table, numbered(10, 2));
      }
      for (const table of ['promotions', 'tracks.g1', 'listeners.g1']) {
        await store.dropTable(table);
        await store.createTable(table);
        expect(await all(store.scan(table, ''))).toEqual([]);
      }
    });

    it('is seen by a client that looked for it before it was there', async () => {
      const { store, open } = bench();
      const reader = await open();
      await expect(reader.read([{ table: 'tracks.g1', key: 'row-1' }])).rejects.toMatchObject({ reason: 'no-table' });
      await store.createTable('tracks.g1');
      await store.writeAll('tracks.g1', numbered(5, 1));
      expect((await reader.read([{ table: 'tracks.g1', key: 'row-1' }])).map(plain)).toEqual([{ n: '1' }]);
      await reader.close();
    });

    it('dropped while others read, gives rows or no-table, never anything else', async () => {
      const { store, open } = bench();
      await store.createTable('tracks.g1');
      await store.createTable('listeners.g1');
      await store.writeAll('tracks.g1', numbered(1000, 4));
      const reader = await open();
      const outcomes = new Set<string>();
      const state = { dropped: false };
      const reading = (async () => {
        for (let after = 0; after < 5; after += state.dropped ? 1 : 0) {
          await nextTurn();
          try {
            const [row] = await reader.read([{ table: 'tracks.g1', key: 'row-0500' }]);
            outcomes.add(JSON.stringify(plain(row) ?? 'none'));
          } catch (error) {
            outcomes.add((error as { reason: string }).reason);
          }
        }
      })();
      await store.dropTable('tracks.g1');
      await store.dropTable('listeners.g1');
      state.dropped = true;
      await reading;
      expect([...outcomes].filter((outcome) => !['{"n":"500"}', '"none"', 'no-table'].includes(outcome))).toEqual([]);
      await reader.close();
    });
  });

  describe('a call that is over', () => {
    it('is not begun when its signal is aborted or no time is left', async () => {
      const { store } = bench();
      const options = { signal: AbortSignal.abort() };
      for (const call of [
        () => store.read([a], options),
        () => store.mutate(a, { set: [['x', bytes('1')]] }, options),
        () => store.compareAndSet(a, 'x', undefined, bytes('1'), options),
        () => store.writeAll('sessions', numbered(3, 1), options),
        () => store.ping(options),
        () => all(store.scan('sessions', '', options)),
      ]) {
        await expect(call()).rejects.toMatchObject({ reason: 'aborted' });
      }
      await expect(store.read([a], { timeoutMs: 0 })).rejects.toMatchObject({ reason: 'timeout' });
      expect(await store.read([a])).toEqual([undefined]);
    });

    it('is refused once the store is closed', async () => {
      const { open } = bench();
      const other = await open();
      await other.ping();
      await other.close();
      await expect(other.read([a])).rejects.toMatchObject({ reason: 'unavailable' });
      await expect(other.mutate(a, { set: [['x', bytes('1')]] })).rejects.toMatchObject({ reason: 'unavailable' });
    });

    it('that is under way when the store is closed, settles', async () => {
      const { open } = bench();
      const other = await open();
      const calls = Array.from({ length: 20 }, (_, i) =>
        i % 2 === 0 ? other.read([a]) : other.mutate(a, { set: [[`c${i}`, bytes('1')]] }),
      );
      await other.close();
      for (const { status, ...rest } of await Promise.allSettled(calls)) {
        if (status === 'rejected') expect(rest).toMatchObject({ reason: { name: 'StoreError' } });
      }
    });
  });
}
