/** A bounded cache in this process: least recently used entries leave first. */
import { LRUCache } from 'lru-cache';
import type { CallOptions } from '../store/row-store.js';
import type { Cache } from './cache.js';
import { noFailures, refusedEntry, refusedKey, wholeTtlSeconds } from './failures.js';

const BYTES_MAX_DEFAULT = 64 * 1024 * 1024;
/** Of an entry besides its key and value, measured with 200,000 small entries. */
const ENTRY_OVERHEAD_BYTES = 400;

export interface MemoryCacheOptions {
  /** Keys, values and overhead of all entries together. Default: 64 MiB. */
  readonly bytesMax?: number;
  /** Monotonic clock in milliseconds, never 0. Default: `performance.now`. */
  readonly nowMs?: () => number;
}

export function createMemoryCache(options: MemoryCacheOptions = {}): Cache {
  return new MemoryCache(options);
}

class MemoryCache implements Cache {
  readonly driver = 'memory';
  readonly failures = noFailures();
  readonly healthy = true;
  private readonly entries: LRUCache<string, Uint8Array>;

  constructor({ bytesMax = BYTES_MAX_DEFAULT, nowMs }: MemoryCacheOptions) {
    this.entries = new LRUCache<string, Uint8Array>({
      maxSize: bytesMax,
      sizeCalculation: (value, key) => value.length + 2 * key.length + ENTRY_OVERHEAD_BYTES,
      // A clock read per look-up: the alternative keeps a timer running.
      ttlResolution: 0,
      ...(nowMs === undefined ? {} : { perf: { now: nowMs } }),
    });
  }

  get(key: string, options?: CallOptions): Promise<Uint8Array | undefined> {
    const refused = refusedKey(key);
    if (refused !== undefined) this.failures[refused]++;
    if (refused !== undefined || options?.signal?.aborted === true) return Promise.resolve(undefined);
    const value = this.entries.get(key);
    return Promise.resolve(value === undefined ? undefined : new Uint8Array(value));
  }

  set(key: string, value: Uint8Array, ttlSeconds: number, options?: CallOptions): Promise<void> {
    const refused = refusedEntry(key, value, ttlSeconds);
    if (refused !== undefined) this.failures[refused]++;
    else if (options?.signal?.aborted !== true) {
      this.entries.set(key, new Uint8Array(value), { ttl: wholeTtlSeconds(ttlSeconds) * 1000 });
    }
    return Promise.resolve();
  }

  delete(key: string): Promise<void> {
    this.entries.delete(key);
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.entries.clear();
    return Promise.resolve();
  }
}
