import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Bench } from './bench.js';
import { a, all, bytes, plain, text } from './bench.js';

export function changingContract(bench: () => Bench): void {
  describe('changing a row', () => {
    it('sets and removes columns and leaves the others', async () => {
      const { store } = bench();
      await store.mutate(a, {
        set: [
          ['x', bytes('1')],
          ['y', bytes('2')],
          ['z', bytes('3')],
        ],
      });
      await store.mutate(a, {
        set: [
          ['y', bytes('two')],
          ['w', bytes('4')],
        ],
        remove: ['x', 'absent'],
      });
      expect((await store.read([a])).map(plain)).toEqual([{ w: '4', y: 'two', z: '3' }]);
    });

    it('removes the row with its last column', async () => {
      const { store } = bench();
      await store.mutate(a, { set: [['x', bytes('1')]] });
      await store.mutate(a, { remove: ['x'] });
      expect(await store.read([a])).toEqual([undefined]);
      expect(await all(store.scan('sessions', ''))).toEqual([]);
    });

    it('never shows half of a change', async () => {
      const { store, open } = bench();
      const other = await open();
      const write = async () => {
        for (let i = 0; i < 60; i++) {
          await other.mutate(a, {
            set: [
              ['x', bytes(String(i))],
              ['y', bytes(String(i))],
            ],
          });
        }
      };
      let done = false;
      const writing = write().finally(() => {
        done = true;
      });
      while (!done) {
        const [row] = await store.read([a]);
        expect(text(row?.get('x'))).toBe(text(row?.get('y')));
        await nextTurn();
      }
      await writing;
      await other.close();
    });

    it('loses no column when many clients write the same row', async () => {
      const { store, open } = bench();
      const clients = [store, await open(), await open()];
      const columns = Array.from({ length: 90 }, (_, i) => `event-${i}`);
      await Promise.all(
        columns.map((column, i) => clients[i % clients.length].mutate(a, { set: [[column, bytes(column)]] })),
      );
      const [row] = await store.read([a]);
      expect([...row!.keys()].sort()).toEqual([...columns].sort());
      for (const client of clients.slice(1)) await client.close();
    });

    it('shows a change to another client as soon as it resolved', async () => {
      const { store, open } = bench();
      const other = await open();
      for (let i = 0; i < 30; i++) {
        await store.mutate(a, { set: [['x', bytes(String(i))]] });
        expect((await other.read([a])).map(plain)).toEqual([{ x: String(i) }]);
      }
      await other.close();
    });
  });

  describe('compare and set', () => {
    it('sets an absent column, an equal one, and no other', async () => {
      const { store } = bench();
      expect(await store.compareAndSet(a, 'x', bytes('0'), bytes('1'))).toBe(false);
      expect(await store.compareAndSet(a, 'x', undefined, bytes('1'))).toBe(true);
      expect(await store.compareAndSet(a, 'x', undefined, bytes('2'))).toBe(false);
      expect(await store.compareAndSet(a, 'x', bytes('1x'), bytes('2'))).toBe(false);
      expect(await store.compareAndSet(a, 'x', bytes('1'), bytes('2'))).toBe(true);
      expect((await store.read([a])).map(plain)).toEqual([{ x: '2' }]);
    });

    it('leaves the other columns of the row', async () => {
      const { store } = bench();
      await store.mutate(a, { set: [['y', bytes('kept')]] });
      expect(await store.compareAndSet(a, 'x', undefined, bytes('1'))).toBe(true);
      expect((await store.read([a])).map(plain)).toEqual([{ x: '1', y: 'kept' }]);
    });

    it('compares bytes: empty, with zeros, beyond ASCII, and columns with the characters of patterns', async () => {
      const { store } = bench();
      const values = [new Uint8Array(), Uint8Array.of(0), Uint8Array.of(0, 10, 255, 92), bytes('.*')];
      for (const column of ['x', 'a.b*', 'snö']) {
        let held: Uint8Array | undefined;
        for (const value of values) {
          expect(await store.compareAndSet(a, column, bytes('never'), value)).toBe(false);
          expect(await store.compareAndSet(a, column, held, value)).toBe(true);
          held = value;
        }
      }
    });

    it('lets exactly one of many clients win each round', async () => {
      const { store, open } = bench();
      const clients = [store, await open(), await open(), await open()];
      let held: Uint8Array | undefined;
      for (let round = 0; round < 15; round++) {
        const won = await Promise.all(
          clients.map((client, i) => client.compareAndSet(a, 'lease', held, bytes(`${round}/${i}`))),
        );
        expect(won.filter(Boolean)).toHaveLength(1);
        held = bytes(`${round}/${won.indexOf(true)}`);
      }
      for (const client of clients.slice(1)) await client.close();
    });
  });
}
