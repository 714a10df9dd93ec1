/**
 * Read, change and write back one row, safely among processes: each write carries a new version and succeeds only if the row
 * still has the version that was read. LMDB's write lock is held in native code alone, never across JavaScript.
 */
import { randomInt } from 'node:crypto';
import type { RootDatabase } from 'lmdb';
import type { Row } from '../row-store.js';
import { StoreError } from '../row-store.js';
import type { Environment } from './environment.js';
import { unpackRow } from './row-format.js';

type Rows = RootDatabase<Uint8Array, Uint8Array>;

/** Other writers may win this often before a call gives up. */
const ATTEMPTS_MAX = 1000;

/** The stored bytes of a row, owned by the caller; LMDB's own buffer is overwritten by its next read. */
export function readRow(rows: Rows, id: Uint8Array): Uint8Array | undefined {
  const fast = rows.getBinaryFast(id);
  if (fast === undefined) return undefined;
  const { length } = fast;
  const owned = new Uint8Array(length);
  owned.set(fast.subarray(0, length));
  return owned;
}

export class VersionedRows {
  /** Distinct among processes by chance (2^-47 for two to collide), among writes of this one by counting. */
  private lastVersion = randomInt(2 ** 47);
  /** Tail of the chain of changes under way per row, so that changes of one process wait rather than fail. */
  private readonly tails = new Map<string, Promise<unknown>>();

  private nextVersion(): number {
    return ++this.lastVersion;
  }

  /** Replaces a row whatever it held. Rejects with StoreError. */
  put(environment: Environment, id: Uint8Array, bytes: Uint8Array): Promise<unknown> {
    return committed(environment.rows.put(id, bytes, this.nextVersion()));
  }

  /**
   * @param change given the row, what shall replace it; called again when another process was faster
   * @returns false when `change` kept the row
   */
  async update(
    id: Buffer,
    environment: () => Environment,
    change: (row: Row | undefined) => Uint8Array | 'remove' | 'keep',
  ): Promise<boolean> {
    const name = id.toString('latin1');
    const before = this.tails.get(name) ?? Promise.resolve();
    const mine = before.then(() => this.attemptUpdate(id, environment, change));
    const tail = mine.then(
      () => undefined,
      () => undefined,
    );
    this.tails.set(name, tail);
    try {
      return await mine;
    } finally {
      if (this.tails.get(name) === tail) this.tails.delete(name);
    }
  }

  private async attemptUpdate(
    id: Buffer,
    environment: () => Environment,
    change: (row: Row | undefined) => Uint8Array | 'remove' | 'keep',
  ): Promise<boolean> {
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const { rows } = environment();
      rows.resetReadTxn();
      const entry = rows.getEntry(id);
      const next = change(entry === undefined ? undefined : unpackRow(entry.value));
      if (next === 'keep') return false;
      const won = await committed(write(rows, id, entry?.version, next, this.nextVersion()));
      if (won) return true;
    }
    throw new StoreError('unavailable', `row was changed by others ${ATTEMPTS_MAX} times in a row`);
  }
}

function write(
  rows: Rows,
  id: Buffer,
  held: number | undefined,
  next: Uint8Array | 'remove',
  version: number,
): Promise<boolean> {
  if (held === undefined) {
    if (next === 'remove') return Promise.resolve(true);
    return rows.ifNoExists(id, () => {
      void rows.put(id, next, version);
    });
  }
  return next === 'remove' ? rows.remove(id, held) : rows.put(id, next, version, held);
}

/** LMDB rejects a write with an error whose own `commitError` promise rejects too, which would end the process unheard. */
async function committed(write: Promise<boolean>): Promise<boolean> {
  try {
    return await write;
  } catch (error) {
    throw await causeOf(error);
  }
}

async function causeOf(error: unknown): Promise<StoreError> {
  if (error instanceof Error && 'commitError' in error) {
    try {
      await error.commitError;
    } catch (cause) {
      return wentWrong(cause);
    }
  }
  return wentWrong(error);
}

/** Every error of LMDB or the file system as a StoreError. */
export function wentWrong(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  return new StoreError('unavailable', `LMDB: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
}
