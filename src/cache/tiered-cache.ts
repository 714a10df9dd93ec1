/** A shared cache with a small one in this process beside it, which answers where the shared one cannot. */
import type { CallOptions } from '../store/row-store.js';
import type { Cache, CacheFailure } from './cache.js';

export type CacheTier = 'remote' | 'memory';

export interface TieredCache extends Cache {
  readonly driver: 'tiered';
  /** As `get`, and tells which tier had it. The remote tier is asked first: other processes write to it as well. */
  find(
    key: string,
    options?: CallOptions,
  ): Promise<{ readonly value: Uint8Array; readonly tier: CacheTier } | undefined>;
}

export interface TieredCacheOptions {
  /** Small: it serves the `cached` level while the remote tier is away. */
  readonly memory: Cache;
  readonly remote: Cache;
}

/** Owns both tiers: closes them when closed. */
export function createTieredCache(options: TieredCacheOptions): TieredCache {
  return new MemoryBesideRemote(options);
}

class MemoryBesideRemote implements TieredCache {
  readonly driver = 'tiered';
  private readonly memory: Cache;
  private readonly remote: Cache;

  constructor({ memory, remote }: TieredCacheOptions) {
    this.memory = memory;
    this.remote = remote;
  }

  /** Of the remote tier: the one in memory refuses the same entries, and has no other failures. */
  get failures(): Readonly<Record<CacheFailure, number>> {
    return this.remote.failures;
  }

  get healthy(): boolean {
    return this.remote.healthy;
  }

  async find(key: string, options?: CallOptions): ReturnType<TieredCache['find']> {
    const remote = await this.remote.get(key, options);
    if (remote !== undefined) return { value: remote, tier: 'remote' };
    const memory = await this.memory.get(key, options);
    return memory === undefined ? undefined : { value: memory, tier: 'memory' };
  }

  async get(key: string, options?: CallOptions): Promise<Uint8Array | undefined> {
    return (await this.find(key, options))?.value;
  }

  async set(key: string, value: Uint8Array, ttlSeconds: number, options?: CallOptions): Promise<void> {
    await Promise.all([
      this.memory.set(key, value, ttlSeconds, options),
      this.remote.set(key, value, ttlSeconds, options),
    ]);
  }

  async delete(key: string, options?: CallOptions): Promise<void> {
    await Promise.all([this.memory.delete(key, options), this.remote.delete(key, options)]);
  }

  async close(): Promise<void> {
    await Promise.all([this.memory.close(), this.remote.close()]);
  }
}
