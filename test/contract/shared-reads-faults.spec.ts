import { openBigtableStore } from '../../src/store/bigtable/bigtable-store.js';
import { StoreError, type RowStore } from '../../src/store/row-store.js';
import { SharedReads } from '../../src/store/shared-reads.js';
import { eventually } from '../eventually.js';
import { FaultProxy } from '../proxy.js';
import type { TestServer } from '../servers.js';
import { describeWithServers, startServer } from '../servers.js';

const LIMITS = { keysPerCallMax: 64, callsBeforeCollecting: 2, collectMs: 1, flightsMax: 500, flightMsMax: 5_000 };

describeWithServers('shared reads with Bigtable in trouble', ['bigtable-emulator'], () => {
  const value = new Uint8Array(400_000).map((_, i) => i * 31);
  const keys = Array.from({ length: 10 }, (_, i) => `k${i}`);
  const refs = keys.map((key) => ({ table: 'tracks.g1', key }));
  let emulator: TestServer;
  let proxy: FaultProxy;
  let store: RowStore;
  let shared: SharedReads;
  let nowMs = 0;

  beforeEach(async () => {
    emulator = await startServer('bigtable-emulator');
    proxy = await FaultProxy.start(emulator.port);
    const emulatorHost = `127.0.0.1:${proxy.port}`;
    store = openBigtableStore({ projectId: 'p', instanceId: 'i', emulatorHost, nowMs: () => nowMs });
    shared = new SharedReads(store, LIMITS);
    await fill();
  });

  afterEach(async () => {
    await store.close();
    await proxy.close();
    await emulator.stop();
  });

  const fill = async (): Promise<void> => {
    await store.createTable('tracks.g1');
    await store.writeAll(
      'tracks.g1',
      keys.map((key) => ({ key, columns: [['x', value]] as const })),
    );
  };

  /** The reasons of failures; `whole` for rows that are as they were written. */
  const read = async (timeoutMs: number, of = refs): Promise<string[]> =>
    (await shared.readEach(of, { timeoutMs })).map((outcome) => {
      if (outcome instanceof StoreError) return outcome.reason;
      return Buffer.compare(outcome?.get('x') ?? new Uint8Array(), value) === 0 ? 'whole' : 'wrong';
    });

  const whole = async (): Promise<true | undefined> =>
    (await read(2_000)).every((said) => said === 'whole') ? true : undefined;

  it('stalled: each caller is answered when its own time is over, and whoever stays gets the rows after', async () => {
    await proxy.set({ kind: 'stall' });
    const patient = read(4_000);
    expect(await Promise.all([read(20), read(60, refs.slice(2, 4))])).toEqual([
      keys.map(() => 'timeout'),
      ['timeout', 'timeout'],
    ]);
    await proxy.set({ kind: 'pass' });
    expect(await patient).toEqual(keys.map(() => 'whole'));
    expect(shared.flights).toBe(0);
  });

  it('silent on one connection: makes another, though all callers left before any call was over', async () => {
    await proxy.set({ kind: 'stall' });
    const before = proxy.accepted;
    for (let i = 0; i < 4; i++) {
      nowMs += 1_000;
      expect(await read(20)).toEqual(keys.map(() => 'timeout'));
    }
    expect(shared.counts.abandoned).toBeGreaterThanOrEqual(4);
    await eventually(() => Promise.resolve(proxy.accepted > before ? true : undefined));
    await proxy.set({ kind: 'pass' });
    await eventually(whole);
  });

  it('cut in the middle of a value: each row is whole or fails, and all are there after', async () => {
    for (let round = 0; round < 3; round++) {
      await proxy.set({ kind: 'cut', afterBytes: 900_000 });
      const said = await Promise.all([read(2_000), read(2_000, refs.slice(3, 5))]);
      expect(new Set(said.flat())).toEqual(new Set(['unavailable']));
      await proxy.set({ kind: 'pass' });
      await eventually(whole);
    }
  });

  it('answering slowly or with garbage: no row is mistaken', async () => {
    await proxy.set({ kind: 'slow', bytes: 100_000, delayMs: 1 });
    expect(await read(30_000)).toEqual(keys.map(() => 'whole'));
    await proxy.set({ kind: 'corrupt' });
    expect(new Set(await read(1_000))).not.toContain('wrong');
    await proxy.set({ kind: 'pass' });
    await eventually(whole);
  });

  it('down: each caller hears at once, nobody is waited for, and it works again when it is back', async () => {
    await emulator.stop();
    for (let round = 0; round < 3; round++) expect(await read(30_000)).toEqual(keys.map(() => 'unavailable'));
    expect(shared.flights).toBe(0);
    await emulator.start();
    await eventually(async () => {
      await fill();
      return whole();
    });
  });
});
