/** Bytes by key for a while. Fails open: every failure is a miss or a lost write, and is counted. */
import type { CallOptions } from '../store/row-store.js';

export type CacheFailure = 'timeout' | 'unavailable' | 'too-large' | 'error';

export const CACHE_KEY_BYTES_MAX = 1024;
export const CACHE_VALUE_BYTES_MAX = 1_000_000;
/** 30 days, where Memcached begins to read a time to live as a date. */
export const CACHE_TTL_SECONDS_MAX = 2_592_000;

export interface Cache {
  readonly driver: 'memory' | 'memcached' | 'tiered' | 'off';
  /** The value, or `undefined` for a miss or any failure. Never rejects. The value is owned by the caller. */
  get(key: string, options?: CallOptions): Promise<Uint8Array | undefined>;
  /**
   * Never rejects. Refused and counted: values over `CACHE_VALUE_BYTES_MAX`, keys over `CACHE_KEY_BYTES_MAX` bytes of UTF-8,
   * an empty key, a time to live that is no positive number. A longer time to live than `CACHE_TTL_SECONDS_MAX` is cut to it.
   * The value may be changed by the caller once the promise resolves.
   */
  set(key: string, value: Uint8Array, ttlSeconds: number, options?: CallOptions): Promise<void>;
  delete(key: string, options?: CallOptions): Promise<void>;
  /** Failures since the start by kind. A call that its own signal aborted is none. */
  readonly failures: Readonly<Record<CacheFailure, number>>;
  /** Whether the last call got through; false while the breaker is open. */
  readonly healthy: boolean;
  close(): Promise<void>;
}
