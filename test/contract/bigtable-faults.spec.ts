import { openBigtableStore } from '../../src/store/bigtable/bigtable-store.js';
import type { RowStore, RowWrite } from '../../src/store/row-store.js';
import { eventually } from '../eventually.js';
import { FaultProxy } from '../proxy.js';
import type { TestServer } from '../servers.js';
import { describeWithServers, startServer } from '../servers.js';

describeWithServers('Bigtable in trouble', ['bigtable-emulator'], () => {
  const value = new Uint8Array(2_000_000).map((_, i) => i * 31);
  const a = { table: 'sessions', key: 'a' };
  let emulator: TestServer;
  let proxy: FaultProxy;
  let store: RowStore;

  beforeEach(async () => {
    emulator = await startServer('bigtable-emulator');
    proxy = await FaultProxy.start(emulator.port);
    store = openBigtableStore({ projectId: 'p', instanceId: 'i', emulatorHost: `127.0.0.1:${proxy.port}` });
    await fill();
  });

  afterEach(async () => {
    await store.close();
    await proxy.close();
    await emulator.stop();
  });

  /** The emulator keeps rows in memory, so a new one is empty. */
  const fill = async () => {
    await store.createTable('sessions');
    await store.mutate(a, { set: [['x', value]] });
  };

  const whole = async () => {
    const [row] = await store.read([a]);
    return row !== undefined && Buffer.compare(row.get('x')!, value) === 0 ? row : undefined;
  };

  it('down: each call fails as unavailable, though it has ample time', async () => {
    await emulator.stop();
    for (let i = 0; i < 3; i++) {
      for (const call of [
        () => store.read([a]),
        () => store.mutate(a, { set: [['y', value]] }),
        () => store.compareAndSet(a, 'y', undefined, value),
        () => store.ping(),
        () => store.listTables(),
        () => store.scan('sessions', '')[Symbol.asyncIterator]().next(),
      ]) {
        await expect(call()).rejects.toMatchObject({ name: 'StoreError', reason: 'unavailable' });
      }
    }
  });

  it('killed and started again: works again', async () => {
    for (let round = 0; round < 2; round++) {
      await emulator.stop();
      await expect(store.read([a])).rejects.toMatchObject({ reason: 'unavailable' });
      await emulator.start();
      await eventually(async () => {
        await fill();
        return whole();
      });
    }
  });

  it('down when first asked: works once it is up', async () => {
    await proxy.set({ kind: 'refuse' });
    const late = openBigtableStore({ projectId: 'p', instanceId: 'i', emulatorHost: `127.0.0.1:${proxy.port}` });
    await expect(late.ping()).rejects.toMatchObject({ reason: 'unavailable' });
    await proxy.set({ kind: 'pass' });
    await eventually(async () => (await late.read([a]))[0]);
    await late.close();
  });

  it('stalled: calls end when their time is over or they are aborted, and work again after', async () => {
    await proxy.set({ kind: 'stall' });
    for (const call of [
      () => store.read([a], { timeoutMs: 20 }),
      () => store.mutate(a, { set: [['y', value]] }, { timeoutMs: 20 }),
      () => store.compareAndSet(a, 'y', undefined, value, { timeoutMs: 20 }),
      () => store.ping({ timeoutMs: 20 }),
      () => store.writeAll('sessions', [{ key: 'b', columns: [['x', value]] }], { timeoutMs: 20 }),
    ]) {
      await expect(call()).rejects.toMatchObject({ name: 'StoreError', reason: 'timeout' });
    }
    const abort = new AbortController();
    const reading = store.read([a], { signal: abort.signal });
    abort.abort();
    await expect(reading).rejects.toMatchObject({ reason: 'aborted' });
    await proxy.set({ kind: 'pass' });
    await eventually(whole);
  });

  it('silent on one connection: makes another', async () => {
    let now = 0;
    const watched = openBigtableStore({
      ...{ projectId: 'p', instanceId: 'i', emulatorHost: `127.0.0.1:${proxy.port}` },
      nowMs: () => now,
    });
    await watched.read([a]);
    await proxy.set({ kind: 'stall' });
    const before = proxy.accepted;
    for (let i = 0; i < 4; i++) {
      now += 1000;
      await expect(watched.read([a], { timeoutMs: 20 })).rejects.toMatchObject({ reason: 'timeout' });
    }
    await eventually(() => Promise.resolve(proxy.accepted > before ? true : undefined));
    await proxy.set({ kind: 'pass' });
    await eventually(async () => (await watched.read([a]))[0]);
    await watched.close();
  });

  it('cut in the middle of a value: fails or gives it whole, and works again after', async () => {
    for (let round = 0; round < 3; round++) {
      await proxy.set({ kind: 'cut', afterBytes: 300_000 });
      await expect(store.read([a])).rejects.toMatchObject({ name: 'StoreError', reason: 'unavailable' });
      await proxy.set({ kind: 'pass' });
      await eventually(whole);
    }
  });

  it('cut once: the call is repeated, and succeeds', async () => {
    await proxy.set({ kind: 'cut', afterBytes: 300_000, once: true });
    const before = proxy.accepted;
    expect(await whole()).toBeDefined();
    expect(proxy.accepted).toBe(before + 1);
  });

  it('answering garbage: fails, and works again after', async () => {
    await proxy.set({ kind: 'corrupt' });
    await expect(store.read([a], { timeoutMs: 2000 })).rejects.toMatchObject({ name: 'StoreError' });
    await proxy.set({ kind: 'pass' });
    await eventually(whole);
  });

  it('answering slowly: gives the value whole', async () => {
    await proxy.set({ kind: 'slow', bytes: 40_000, delayMs: 1 });
    expect(await whole()).toBeDefined();
  });

  it('cut while many rows are written: writes them all', async () => {
    function* rows(): Iterable<RowWrite> {
      for (let i = 0; i < 3000; i++) {
        if (i === 1000) proxy.dropConnections();
        if (i === 2000) proxy.dropConnections();
        yield { key: `row-${String(i).padStart(4, '0')}`, columns: [['n', new Uint8Array(1000).fill(i)]] };
      }
    }
    expect(await store.writeAll('sessions', rows())).toBe(3000);
    let count = 0;
    for await (const { row } of store.scan('sessions', 'row-')) if (row.get('n')?.[0] === count++ % 256) continue;
    expect(count).toBe(3000);
  });

  it('scans on where it was when a connection ends between pages', async () => {
    function* rows(): Iterable<RowWrite> {
      for (let i = 0; i < 2500; i++)
        yield { key: `row-${String(i).padStart(4, '0')}`, columns: [['n', Uint8Array.of(1)]] };
    }
    await store.writeAll('sessions', rows());
    const keys: string[] = [];
    for await (const { key } of store.scan('sessions', 'row-')) {
      keys.push(key);
      if (keys.length === 500) proxy.dropConnections();
    }
    expect(keys).toEqual([...rows()].map(({ key }) => key));
  });
});
