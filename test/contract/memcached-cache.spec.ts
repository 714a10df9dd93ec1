import { createMemcachedCache } from '../../src/cache/memcached-cache.js';
import { createMemoryCache } from '../../src/cache/memory-cache.js';
import { createTieredCache } from '../../src/cache/tiered-cache.js';
import type { TestServer } from '../servers.js';
import { describeWithServers, startServer } from '../servers.js';
import { AMPLE, cacheContract } from './cache.contract.js';

/** These tests are about results, and the machine may be busy. */
const patientCache = (servers: string[]) => createMemcachedCache({ servers, timeoutMs: 5000, stallMs: 5000 });

describeWithServers('cache on Memcached', ['memcached'], () => {
  let servers: TestServer[];

  beforeEach(async () => {
    servers = [await startServer('memcached'), await startServer('memcached')];
  });

  afterEach(async () => {
    for (const server of servers) await server.stop();
  });

  const addresses = () => servers.map(({ port }) => `127.0.0.1:${port}`);

  describe('one server', () => {
    cacheContract(() => Promise.resolve(patientCache(addresses().slice(0, 1))));
  });

  describe('two servers', () => {
    cacheContract(() => Promise.resolve(patientCache(addresses())));

    it('spreads keys over both, and loses only the share of one that is gone', async () => {
      const cache = patientCache(addresses());
      const keys = Array.from({ length: 200 }, (_, i) => `key-${i}`);
      for (const key of keys) await cache.set(key, Uint8Array.of(1), 60, AMPLE);
      await servers[0].stop();
      let found = 0;
      for (const key of keys) if ((await cache.get(key, AMPLE)) !== undefined) found++;
      expect(found).toBeGreaterThan(50);
      expect(found).toBeLessThan(150);
      await cache.close();
    });
  });

  describe('with memory beside it', () => {
    const tiered = () =>
      createTieredCache({
        memory: createMemoryCache(),
        remote: patientCache(addresses().slice(0, 1)),
      });
    cacheContract(() => Promise.resolve(tiered()));

    it('tells which tier had the value, and prefers what others wrote', async () => {
      const here = tiered();
      const there = tiered();
      await here.set('a', Uint8Array.of(1), 60, AMPLE);
      await there.set('a', Uint8Array.of(2), 60, AMPLE);
      expect(await here.find('a', AMPLE)).toEqual({ value: Uint8Array.of(2), tier: 'remote' });
      await servers[0].stop();
      expect(await here.find('a', AMPLE)).toEqual({ value: Uint8Array.of(1), tier: 'memory' });
      expect(await here.find('b', AMPLE)).toBeUndefined();
      await here.close();
      await there.close();
    });
  });

  it('shares values between clients', async () => {
    const [writer, reader] = [patientCache(addresses()), patientCache(addresses())];
    await writer.set('a', Uint8Array.of(1, 2), 60, AMPLE);
    expect(await reader.get('a', AMPLE)).toEqual(Uint8Array.of(1, 2));
    await writer.close();
    await reader.close();
  });
});
