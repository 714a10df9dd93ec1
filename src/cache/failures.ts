/** What every cache refuses, and the counts of failures. */
import type { CacheFailure } from './cache.js';
import { CACHE_KEY_BYTES_MAX, CACHE_TTL_SECONDS_MAX, CACHE_VALUE_BYTES_MAX } from './cache.js';

export type FailureCounts = Record<CacheFailure, number>;

export function noFailures(): FailureCounts {
  return { timeout: 0, unavailable: 0, 'too-large': 0, error: 0 };
}

/** Why a key cannot be used, if it cannot. */
export function refusedKey(key: string): CacheFailure | undefined {
  if (key.length === 0 || !key.isWellFormed()) return 'error';
  return Buffer.byteLength(key) > CACHE_KEY_BYTES_MAX ? 'too-large' : undefined;
}

/** Why an entry cannot be stored, if it cannot. */
export function refusedEntry(key: string, value: Uint8Array, ttlSeconds: number): CacheFailure | undefined {
  if (value.length > CACHE_VALUE_BYTES_MAX) return 'too-large';
  if (!(ttlSeconds > 0)) return 'error';
  return refusedKey(key);
}

/** Whole seconds, as Memcached counts them. */
export function wholeTtlSeconds(ttlSeconds: number): number {
  return Math.min(CACHE_TTL_SECONDS_MAX, Math.ceil(ttlSeconds));
}
