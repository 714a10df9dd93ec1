/** What every cache does; run against each driver with its real server. */
import { CACHE_KEY_BYTES_MAX, CACHE_VALUE_BYTES_MAX } from '../../src/cache/cache.js';
import type { Cache } from '../../src/cache/cache.js';

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const text = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : Buffer.from(value).toString();

/** Ample: these tests are about results, and the machine may be busy. */
export const AMPLE = { timeoutMs: 5000 };

/** @param start gives each test an empty cache */
export function cacheContract(start: () => Promise<Cache>): void {
  let cache: Cache;

  beforeEach(async () => {
    cache = await start();
  });

  afterEach(async () => {
    await cache.close();
  });

  const failures = (): number => Object.values(cache.failures).reduce((sum, count) => sum + count, 0);

  it('gives back what was set, misses what was not, and forgets what was deleted', async () => {
    await cache.set('a', bytes('1'), 60, AMPLE);
    await cache.set('b', bytes('2'), 60, AMPLE);
    await cache.set('a', bytes('one'), 60, AMPLE);
    expect(text(await cache.get('a', AMPLE))).toBe('one');
    expect(text(await cache.get('b', AMPLE))).toBe('2');
    await cache.delete('a', AMPLE);
    await cache.delete('never', AMPLE);
    expect(await cache.get('a', AMPLE)).toBeUndefined();
    expect(await cache.get('never', AMPLE)).toBeUndefined();
    expect(failures()).toBe(0);
    expect(cache.healthy).toBe(true);
  });

  it('takes any bytes, none, and the largest value', async () => {
    const every = Uint8Array.from({ length: 512 }, (_, i) => i % 256);
    const largest = new Uint8Array(CACHE_VALUE_BYTES_MAX).map((_, i) => i * 31);
    for (const value of [every, new Uint8Array(), largest]) {
      await cache.set('a', value, 60, AMPLE);
      expect(Buffer.compare((await cache.get('a', AMPLE))!, value)).toBe(0);
    }
    expect(failures()).toBe(0);
  });

  it('refuses a larger value and counts it', async () => {
    await cache.set('a', new Uint8Array(CACHE_VALUE_BYTES_MAX + 1), 60, AMPLE);
    expect(await cache.get('a', AMPLE)).toBeUndefined();
    expect(cache.failures['too-large']).toBe(1);
    expect(cache.healthy).toBe(true);
  });

  it('takes keys of any script and length up to the largest, and tells them apart', async () => {
    const keys = [
      'Björk',
      'Bjork',
      '雪',
      '🎧',
      'with space',
      'with\r\nline',
      '\u0000',
      'k'.repeat(250),
      'k'.repeat(251),
    ];
    keys.push('k'.repeat(CACHE_KEY_BYTES_MAX), `${'k'.repeat(CACHE_KEY_BYTES_MAX - 1)}l`);
    for (const [i, key] of keys.entries()) await cache.set(key, bytes(String(i)), 60, AMPLE);
    for (const [i, key] of keys.entries()) expect([key, text(await cache.get(key, AMPLE))]).toEqual([key, String(i)]);
    expect(failures()).toBe(0);
  });

  it('refuses longer, empty and broken keys and counts them', async () => {
    const tooLong = 'é'.repeat(CACHE_KEY_BYTES_MAX / 2) + 'k';
    await cache.set(tooLong, bytes('1'), 60, AMPLE);
    expect(await cache.get(tooLong, AMPLE)).toBeUndefined();
    expect(cache.failures['too-large']).toBe(2);
    for (const key of ['', '\ud800']) {
      await cache.set(key, bytes('1'), 60, AMPLE);
      expect(await cache.get(key, AMPLE)).toBeUndefined();
    }
    expect(cache.failures.error).toBe(4);
  });

  it('refuses a time to live that is none', async () => {
    for (const ttlSeconds of [0, -1, Number.NaN]) await cache.set('a', bytes('1'), ttlSeconds, AMPLE);
    expect(await cache.get('a', AMPLE)).toBeUndefined();
    expect(cache.failures.error).toBe(3);
    // A year is more than Memcached takes for a span; it would be read as a date long gone.
    await cache.set('a', bytes('1'), 365 * 86_400, AMPLE);
    expect(text(await cache.get('a', AMPLE))).toBe('1');
  });

  it('gives values that are its caller’s own', async () => {
    const given = bytes('first');
    await cache.set('a', given, 60, AMPLE);
    given.fill(0);
    const got = (await cache.get('a', AMPLE))!;
    expect(text(got)).toBe('first');
    got.fill(0);
    await cache.set('b', bytes('other'), 60, AMPLE);
    expect(text(await cache.get('a', AMPLE))).toBe('first');
  });

  it('keeps many calls at once apart', async () => {
    const keys = Array.from({ length: 100 }, (_, i) => `key-${i}`);
    await Promise.all(keys.map((key) => cache.set(key, bytes(key.repeat(50)), 60, AMPLE)));
    const values = await Promise.all(keys.map((key) => cache.get(key, AMPLE)));
    expect(values.map(text)).toEqual(keys.map((key) => key.repeat(50)));
  });

  it('answers an aborted call with a miss that is no failure', async () => {
    await cache.set('a', bytes('1'), 60, AMPLE);
    const options = { signal: AbortSignal.abort() };
    expect(await cache.get('a', options)).toBeUndefined();
    await cache.set('a', bytes('2'), 60, options);
    expect(failures()).toBe(0);
    expect(text(await cache.get('a', AMPLE))).toBe('1');
  });

  it('misses everything once closed, without rejecting', async () => {
    await cache.set('a', bytes('1'), 60, AMPLE);
    await cache.close();
    expect(await cache.get('a', AMPLE)).toBeUndefined();
    await cache.set('a', bytes('1'), 60, AMPLE);
    await cache.delete('a', AMPLE);
  });
}
