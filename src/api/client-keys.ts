/** Who may call: `authorization: Bearer <key>`. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { SegueError } from '../errors.js';

interface Client {
  readonly name: string;
  readonly digest: Buffer;
}

const BEARER = /^bearer +(\S{1,512})$/i;

function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

export class ClientKeys {
  private readonly clients: readonly Client[];

  constructor(keys: readonly { readonly name: string; readonly key: string }[]) {
    this.clients = keys.map(({ name, key }) => ({ name, digest: digestOf(key) }));
  }

  /**
   * The client's name, or `undefined` where no keys are configured. Takes the same time for every wrong key.
   *
   * @throws SegueError `SEGUE_UNAUTHENTICATED`
   */
  clientOf(authorization: string | undefined): string | undefined {
    if (this.clients.length === 0) return undefined;
    const key = BEARER.exec(authorization ?? '')?.[1];
    let found: string | undefined;
    if (key !== undefined) {
      const digest = digestOf(key);
      for (const client of this.clients) if (timingSafeEqual(client.digest, digest)) found = client.name;
    }
    if (found === undefined) {
      const given = key === undefined ? 'no bearer key' : 'a key that is not known';
      throw new SegueError(
        'SEGUE_UNAUTHENTICATED',
        `authorization: given ${given}; allowed: Bearer <client key>`,
        'authorization',
      );
    }
    return found;
  }
}
