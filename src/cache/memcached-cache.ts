/** A cache on Memcached servers, shared by processes and replicas. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { murmur3x64128 } from '../store/murmur3.js';
import type { CallOptions } from '../store/row-store.js';
import type { Cache } from './cache.js';
import { noFailures, refusedEntry, refusedKey, wholeTtlSeconds } from './failures.js';
import type { Outcome } from './memcached-link.js';
import { MemcachedLink } from './memcached-link.js';

/** Memcached's limit on keys. */
const KEY_BYTES_MAX = 250;
const PLAIN_KEY = /^[\x21-\x7e]+$/;
const CHECKSUM_BYTES = 4;

export interface MemcachedCacheOptions {
  /** `host:port` each, at least one. */
  readonly servers: readonly string[];
  /** Milliseconds for a call whose options name none. Default: 20. */
  readonly timeoutMs?: number;
  /** Milliseconds after which a server that owes any answer counts as away; no call waits longer. Default: 100. */
  readonly stallMs?: number;
  /** Monotonic clock in milliseconds. Default: `performance.now`. */
  readonly nowMs?: () => number;
}

/** Connects on first use. */
export function createMemcachedCache(options: MemcachedCacheOptions): Cache {
  return new MemcachedCache(options);
}

class MemcachedCache implements Cache {
  readonly driver = 'memcached';
  readonly failures = noFailures();
  private readonly links: readonly { readonly seed: number; readonly link: MemcachedLink }[];
  private readonly weight = new Uint32Array(4);

  constructor({ servers, timeoutMs = 20, stallMs = 100, nowMs = () => performance.now() }: MemcachedCacheOptions) {
    if (servers.length === 0) throw new RangeError('servers: given none, at least one is needed');
    this.links = servers.map((server) => ({
      seed: crc32(server),
      link: new MemcachedLink(server, { timeoutMs, stallMs }, nowMs),
    }));
  }

  get healthy(): boolean {
    return this.links.every(({ link }) => link.healthy);
  }

  async get(key: string, options?: CallOptions): Promise<Uint8Array | undefined> {
    const refused = refusedKey(key);
    if (refused !== undefined) {
      this.failures[refused]++;
      return undefined;
    }
    const name = wireKey(key);
    const outcome = await this.linkOf(name).call<Buffer | null>(name.length, options, (client, done) => {
      client.get(name, done);
    });
    const stored = this.counted(outcome);
    if (stored === undefined || stored === null) return undefined;
    const value = checkedValue(key, stored);
    if (value === undefined) this.failures.error++;
    return value;
  }

  async set(key: string, value: Uint8Array, ttlSeconds: number, options?: CallOptions): Promise<void> {
    const refused = refusedEntry(key, value, ttlSeconds);
    if (refused !== undefined) {
      this.failures[refused]++;
      return;
    }
    const name = wireKey(key);
    const stored = withChecksum(key, value);
    const expires = wholeTtlSeconds(ttlSeconds);
    this.counted(
      await this.linkOf(name).call<boolean | null>(name.length + stored.length, options, (client, done) => {
        client.set(name, stored, { expires }, done);
      }),
    );
  }

  async delete(key: string, options?: CallOptions): Promise<void> {
    if (refusedKey(key) !== undefined) return;
    const name = wireKey(key);
    this.counted(
      await this.linkOf(name).call<boolean | null>(name.length, options, (client, done) => {
        client.delete(name, done);
      }),
    );
  }

  close(): Promise<void> {
    for (const { link } of this.links) link.close();
    return Promise.resolve();
  }

  private counted<T>(outcome: Outcome<T>): T | undefined {
    if ('value' in outcome) return outcome.value;
    if (outcome.failure !== 'aborted') this.failures[outcome.failure]++;
    return undefined;
  }

  /** Rendezvous hashing: another server takes over only its own share of the keys. */
  private linkOf(name: string): MemcachedLink {
    let [best] = this.links;
    let bestWeight = -1;
    for (const candidate of this.links.length > 1 ? this.links : []) {
      murmur3x64128(Buffer.from(name), name.length, candidate.seed, this.weight);
      const [weight = 0] = this.weight;
      if (weight <= bestWeight) continue;
      best = candidate;
      bestWeight = weight;
    }
    return best.link;
  }
}

function wireKey(key: string): string {
  if (key.length <= KEY_BYTES_MAX && PLAIN_KEY.test(key) && !key.startsWith('sha256:')) return key;
  return `sha256:${createHash('sha256').update(key).digest('base64url')}`;
}

/** What memjs gives back may be cut, garbled or another key's, so each value carries a checksum over its key and itself. */
function withChecksum(key: string, value: Uint8Array): Buffer {
  const stored = Buffer.allocUnsafe(CHECKSUM_BYTES + value.length);
  stored.writeUInt32LE(crc32(value, crc32(key)));
  stored.set(value, CHECKSUM_BYTES);
  return stored;
}

function checkedValue(key: string, stored: Buffer): Uint8Array | undefined {
  if (stored.length < CHECKSUM_BYTES) return undefined;
  const value = new Uint8Array(stored.subarray(CHECKSUM_BYTES));
  return stored.readUInt32LE() === crc32(value, crc32(key)) ? value : undefined;
}
