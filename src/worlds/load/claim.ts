/** Which generation a load writes, and the right to write it. */
import { SegueError } from '../../errors.js';
import type { RowStore } from '../../store/row-store.js';
import type { Build } from './build-dir.js';
import { changeLoad, LoadState, readLoad, type StoredLoad } from './load-record.js';
import { LoadLease } from './lease.js';
import { livenessOf, type OwnerId } from './owner.js';

/** A table name has at most 50 bytes, and `catalogue.` and `listeners.` take ten. */
const GENERATION = /^[a-z0-9][a-z0-9-]{0,39}$/;
const NAMES_MAX = 1_000;

export interface Clock {
  /** Epoch milliseconds. */
  readonly nowMs: () => number;
  readonly monotonicMs: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Milliseconds to watch a load on another host before it counts as dead: several of its beats. */
export const WATCH_MS = 15_000;

/** `g<yyyymmddhhmmss>-<first 8 of the fingerprint>` of the build: the same build has the same name. */
export function generationName(build: Build): string {
  const time = new Date(build.createdAtMs).toISOString().slice(0, 19).replaceAll(/\D/g, '');
  return `g${time}-${build.dataFingerprint.slice(0, 8)}`;
}

/** @throws SegueError SEGUE_INVALID_ARGUMENT */
export function checkGenerationName(name: string): string {
  if (GENERATION.test(name)) return name;
  throw new SegueError(
    'SEGUE_INVALID_ARGUMENT',
    `generation "${name}" must be 1 to 40 small letters, digits and "-", starting with a letter or digit`,
    'generation',
  );
}

export interface Wish {
  /** A name of the user's choice. */
  readonly generation?: string;
  /** Load under a new name even when this build is there already. */
  readonly force: boolean;
}

export interface Claim {
  readonly store: RowStore;
  readonly build: Build;
  readonly owner: OwnerId;
  readonly clock: Clock;
}

/**
 * Takes the lease of the generation that the build is to become, or finds it ready.
 *
 * @throws SegueError when another process is loading it, or a name of the user's choice cannot be used
 */
export async function claimLoad(claim: Claim, wish: Wish): Promise<LoadLease | { readonly ready: string }> {
  const { store, build } = claim;
  if (wish.generation !== undefined) {
    const name = checkGenerationName(wish.generation);
    const existing = await readLoad(store, name);
    if (existing === undefined) return take(claim, name, undefined);
    const { state, buildDigest } = existing.record;
    const usable =
      buildDigest === build.digest && (state === LoadState.LOADING || (state === LoadState.READY && !wish.force));
    if (!usable)
      throw new SegueError(
        'SEGUE_INVALID_ARGUMENT',
        `generation ${name} was used before; choose another name`,
        'generation',
      );
    return state === LoadState.READY ? { ready: name } : take(claim, name, existing);
  }
  for (let n = 1; n <= NAMES_MAX; n++) {
    const name = n === 1 ? generationName(build) : `${generationName(build)}-${n}`;
    const existing = await readLoad(store, name);
    if (existing === undefined) return take(claim, name, undefined);
    if (existing.record.buildDigest !== build.digest) continue;
    if (existing.record.state === LoadState.LOADING) return take(claim, name, existing);
    if (existing.record.state === LoadState.READY && !wish.force) return { ready: name };
  }
  throw new SegueError(
    'SEGUE_INVALID_ARGUMENT',
    `this build was loaded ${NAMES_MAX} times; choose a name`,
    'generation',
  );
}

async function take(claim: Claim, generation: string, existing: StoredLoad | undefined): Promise<LoadLease> {
  const { store, build, owner, clock } = claim;
  if (existing !== undefined && !(await isDead(store, existing, clock))) {
    const { pid, host } = existing.record.owner ?? { pid: 0, host: '' };
    throw new SegueError('SEGUE_UNAVAILABLE', `generation ${generation} is being loaded by process ${pid} on ${host}`);
  }
  const first = {
    state: LoadState.LOADING,
    buildDigest: build.digest,
    dataFingerprint: build.dataFingerprint,
    builtThroughMs: BigInt(build.builtThroughMs),
    startedAtMs: BigInt(clock.nowMs()),
    tracks: build.counts.tracks,
  };
  const fence = (existing?.record.fence ?? 0n) + 1n;
  const held = await changeLoad(store, generation, existing, {
    ...(existing === undefined ? first : {}),
    owner,
    fence,
  });
  if (held === undefined) {
    throw new SegueError('SEGUE_UNAVAILABLE', `another process has just begun to load generation ${generation}`);
  }
  return new LoadLease(store, held, clock.monotonicMs);
}

/**
 * Whether the owner of a load is gone. On this host the process itself is looked for; on another its beat is watched. Age
 * alone never decides.
 */
export async function isDead(store: RowStore, load: StoredLoad, clock: Clock): Promise<boolean> {
  const { owner, generation, fence, beat } = load.record;
  if (owner === undefined) return true;
  const liveness = livenessOf(owner);
  if (liveness !== 'unknown') return liveness === 'gone';
  await clock.sleep(WATCH_MS);
  const later = await readLoad(store, generation);
  return later?.record.fence === fence && later.record.beat === beat;
}
