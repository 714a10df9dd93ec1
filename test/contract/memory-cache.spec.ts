import { createMemoryCache } from '../../src/cache/memory-cache.js';
import { cacheContract } from './cache.contract.js';

describe('cache in memory', () => {
  cacheContract(() => Promise.resolve(createMemoryCache()));

  it('forgets an entry when its time is over', async () => {
    let now = 1;
    const cache = createMemoryCache({ nowMs: () => now });
    await cache.set('a', Uint8Array.of(1), 2);
    now += 1999;
    expect(await cache.get('a')).toEqual(Uint8Array.of(1));
    now += 2;
    expect(await cache.get('a')).toBeUndefined();
  });

  it('stays within its bytes and drops what was used longest ago', async () => {
    const cache = createMemoryCache({ bytesMax: 100_000 });
    for (let i = 0; i < 20; i++) {
      await cache.set(`k${i}`, new Uint8Array(10_000), 60);
      await cache.get('k0');
    }
    const kept: string[] = [];
    for (let i = 0; i < 20; i++) if ((await cache.get(`k${i}`)) !== undefined) kept.push(`k${i}`);
    expect(kept[0]).toBe('k0');
    expect(kept).toHaveLength(9);
    expect(kept.at(-1)).toBe('k19');
  });
});
