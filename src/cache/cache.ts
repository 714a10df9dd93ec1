/** Bytes by key for a while. Fails open: every failure is a miss or a lost write, and is counted. */
import type { CallOptions } from '../store/row-store.js';

export type CacheFailure = 'timeout' | 'unavailable' | 'too-large' | 'error';

export interface Cache {
  readonly driver: 'memory' | 'memcached' | 'off';
  /** The value, or `undefined` for a miss or any failure. Never rejects. The value is owned by the caller. */
  get(key: string, options?: CallOptions): Promise<Uint8Array | undefined>;
  /** Never rejects. Values over 1,000,000 bytes and keys over 250 bytes are refused and counted. */
  set(key: string, value: Uint8Array, ttlSeconds: number, options?: CallOptions): Promise<void>;
  delete(key: string, options?: CallOptions): Promise<void>;
  /** Failures since the start by kind. */
  readonly failures: Readonly<Record<CacheFailure, number>>;
  /** Whether the last call got through; false while the breaker is open. */
  readonly healthy: boolean;
  close(): Promise<void>;
}
