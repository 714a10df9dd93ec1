import { connect } from 'node:net';
import { once } from 'node:events';
import type { Cache } from '../../src/cache/cache.js';
import { createMemcachedCache } from '../../src/cache/memcached-cache.js';
import { eventually } from '../eventually.js';
import { FaultProxy } from '../proxy.js';
import type { TestServer } from '../servers.js';
import { describeWithServers, startServer } from '../servers.js';

/** So that what is expected to fail fails soon. */
const QUICK = { timeoutMs: 200, stallMs: 400 };
/** For results that a busy machine must not change. */
const PATIENT = { timeoutMs: 5000, stallMs: 5000 };

describeWithServers('Memcached in trouble', ['memcached'], () => {
  const value = new Uint8Array(200_000).map((_, i) => i * 31);
  let server: TestServer;
  let proxy: FaultProxy;
  let cache: Cache;
  /** Failures until the value was in: on a busy machine it may take more than one try. */
  let before: Cache['failures'];

  beforeEach(async () => {
    server = await startServer('memcached');
    proxy = await FaultProxy.start(server.port);
    cache = open(QUICK);
    await stored();
    before = { ...cache.failures };
  });

  afterEach(async () => {
    await cache.close();
    await proxy.close();
    await server.stop();
  });

  const open = (limits: { timeoutMs: number; stallMs: number }) =>
    createMemcachedCache({ servers: [`127.0.0.1:${proxy.port}`], ...limits });

  /** Resolves once the value is in and comes back whole. */
  const stored = () =>
    eventually(async () => {
      await cache.set('a', value, 60);
      const got = await cache.get('a');
      return got !== undefined && Buffer.compare(got, value) === 0 ? got : undefined;
    });

  const total = (failures: Cache['failures']) => Object.values(failures).reduce((sum, count) => sum + count, 0);

  /** Failures since the value was in. */
  const failed = () => total(cache.failures) - total(before);

  it('cut in the middle of a value: misses, and recovers', async () => {
    for (let round = 0; round < 3; round++) {
      const failedBefore = failed();
      await proxy.set({ kind: 'cut', afterBytes: 50_000 });
      expect(await cache.get('a')).toBeUndefined();
      expect(failed()).toBeGreaterThan(failedBefore);
      await proxy.set({ kind: 'pass' });
      await stored();
      expect(cache.healthy).toBe(true);
    }
  });

  it('stalled: every call is answered, the breaker opens, and closes when the server is back', async () => {
    await proxy.set({ kind: 'stall' });
    const many = Array.from({ length: 400 }, () => cache.get('a'));
    expect((await Promise.all(many)).filter((got) => got !== undefined)).toEqual([]);
    await eventually(() => Promise.resolve(cache.healthy ? undefined : 'open'));
    expect(failed()).toBe(400);
    expect(cache.failures.unavailable).toBeGreaterThan(before.unavailable);
    await proxy.set({ kind: 'pass' });
    await stored();
    expect(cache.healthy).toBe(true);
  });

  it('with the breaker open, asks nothing of the network but one probe at a time', async () => {
    await proxy.set({ kind: 'refuse' });
    await eventually(async () => {
      await cache.get('a');
      return cache.healthy ? undefined : 'open';
    });
    await proxy.set({ kind: 'stall' });
    const accepted = proxy.accepted;
    for (let i = 0; i < 2000; i++) expect(await cache.get('a')).toBeUndefined();
    expect(proxy.accepted - accepted).toBeLessThanOrEqual(2);
  });

  it('refusing from the start: never rejects, and is used once it takes connections', async () => {
    await proxy.set({ kind: 'refuse' });
    const late = open(QUICK);
    await late.set('b', value, 60);
    expect(await late.get('a')).toBeUndefined();
    await late.delete('a');
    expect(late.failures.unavailable).toBeGreaterThan(0);
    await proxy.set({ kind: 'pass' });
    expect(await eventually(() => late.get('a'))).toEqual(value);
    await late.close();
  });

  it('killed and started again: misses meanwhile, and recovers', async () => {
    await server.stop();
    expect(await cache.get('a')).toBeUndefined();
    await server.start();
    await stored();
  });

  it('paused in the kernel: misses, and recovers', async () => {
    await server.pause();
    expect(await cache.get('a')).toBeUndefined();
    await cache.set('b', value, 60);
    server.resume();
    await stored();
  });

  it('answering garbage: misses without an exception, and recovers', async () => {
    await proxy.set({ kind: 'corrupt' });
    for (let i = 0; i < 20; i++) expect(await cache.get('a')).toBeUndefined();
    await proxy.set({ kind: 'pass' });
    await stored();
  });

  it('answering slowly: gives the value or a miss, never a part', async () => {
    await proxy.set({ kind: 'slow', bytes: 20_000, delayMs: 1 });
    for (let i = 0; i < 10; i++) {
      const got = await cache.get('a');
      if (got !== undefined) expect(Buffer.compare(got, value)).toBe(0);
    }
  });

  it('holding what Segue did not write: a miss, counted', async () => {
    const socket = connect(server.port, '127.0.0.1');
    for (const line of ['set foreign 0 60 13\r\nnot from here\r\n', 'set short 0 60 1\r\nx\r\n']) {
      socket.write(line);
      await once(socket, 'data');
    }
    socket.destroy();
    const patient = open(PATIENT);
    expect(await patient.get('foreign')).toBeUndefined();
    expect(await patient.get('short')).toBeUndefined();
    expect(patient.failures.error).toBe(2);
    expect(patient.healthy).toBe(true);
    await patient.close();
  });

  it('aborted in a stall: answers at once, and counts no failure', async () => {
    await proxy.set({ kind: 'stall' });
    const abort = new AbortController();
    const got = cache.get('a', { signal: abort.signal });
    abort.abort();
    expect(await got).toBeUndefined();
    expect(failed()).toBe(0);
  });

  it('under more calls than it may have at once: refuses some, answers the others', async () => {
    const patient = open(PATIENT);
    expect(await patient.get('a')).toEqual(value);
    const got = await Promise.all(Array.from({ length: 600 }, () => patient.get('missing')));
    expect(got.every((one) => one === undefined)).toBe(true);
    expect(patient.failures.unavailable).toBe(600 - 256);
    expect(total(patient.failures)).toBe(600 - 256);
    expect(await patient.get('a')).toEqual(value);
    await patient.close();
  });
});
