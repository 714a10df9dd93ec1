/** Who calls, by `authorization: Bearer <key>`, and what each may take. */
import { hash, randomBytes } from 'node:crypto';
import { ANONYMOUS, type ClientClass, type ClientLimits } from '../config/client-limits.js';
import { SegueError } from '../errors.js';
import { TokenBucket } from './admission/token-bucket.js';

export interface Client {
  readonly name: string;
  readonly class: ClientClass;
  /** Of this process; undefined without a limit. */
  readonly rate: TokenBucket | undefined;
  /** Share of the requests that this process works on at once, over 0 and up to 1. */
  readonly concurrencyShare: number;
}

const BEARER = /^bearer +(\S{1,512})$/i;

function clientOf(name: string, limits: ClientLimits | undefined): Client {
  const { requestsPerSecond, burst } = limits ?? {};
  return {
    name,
    class: limits?.class ?? 'standard',
    rate:
      requestsPerSecond === undefined
        ? undefined
        : new TokenBucket(requestsPerSecond, burst ?? Math.max(1, Math.ceil(requestsPerSecond))),
    concurrencyShare: limits?.concurrencyShare ?? 1,
  };
}

export class Clients {
  /** By digest; empty where no keys are configured. */
  private readonly byDigest = new Map<string, Client>();
  private readonly anonymous: Client | undefined;
  /** Nobody can know a digest beforehand, so that the time a look-up takes tells nothing about the keys. */
  private readonly salt = randomBytes(16).toString('hex');

  constructor(keys: readonly { readonly name: string; readonly key: string }[], limits: readonly ClientLimits[]) {
    const limitsOf = new Map(limits.map((one) => [one.name, one]));
    for (const { name, key } of keys) this.byDigest.set(this.digestOf(key), clientOf(name, limitsOf.get(name)));
    this.anonymous = keys.length === 0 ? clientOf(ANONYMOUS, limitsOf.get(ANONYMOUS)) : undefined;
  }

  /** All who may call; bounded by the configuration. */
  all(): readonly Client[] {
    return this.anonymous === undefined ? [...this.byDigest.values()] : [this.anonymous];
  }

  /**
   * Who has this key; everyone is one and the same client where no keys are configured.
   *
   * @throws SegueError `SEGUE_UNAUTHENTICATED`
   */
  identify(authorization: string | undefined): Client {
    if (this.anonymous !== undefined) return this.anonymous;
    const key = BEARER.exec(authorization ?? '')?.[1];
    const client = key === undefined ? undefined : this.byDigest.get(this.digestOf(key));
    if (client !== undefined) return client;
    const given = key === undefined ? 'no bearer key' : 'a key that is not known';
    throw new SegueError(
      'SEGUE_UNAUTHENTICATED',
      `authorization: given ${given}; allowed: Bearer <client key>`,
      'authorization',
    );
  }

  private digestOf(key: string): string {
    return hash('sha256', this.salt + key, 'base64');
  }
}
