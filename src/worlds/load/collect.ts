/**
 * Drops generations that are no longer needed. Two are kept: the current and the previous one. Another is dropped once it
 * has not been current for `GRACE_MS`, in which every process has long noticed the pointer (it looks each second or so), has
 * loaded the next world and has ended all requests that pinned the old one (two seconds at most). Loads that died are dropped
 * when their process is seen to be gone, never for their age.
 *
 * Dropping and `worlds use` cannot meet: the one marks the record and then looks at the pointer, the other moves the pointer
 * and then looks at the record, so at least one of them sees the other and goes back.
 */
import type { RowStore } from '../../store/row-store.js';
import { GENERATION_TABLES, generationTable } from '../../store/tables.js';
import { readPointer, type Pointer } from '../pointer.js';
import { isDead, type Clock } from './claim.js';
import { changeLoad, LoadState, readLoads, type StoredLoad } from './load-record.js';
import type { OwnerId } from './owner.js';

export const GRACE_MS = 60_000;

export interface Collectable {
  readonly generation: string;
  readonly reason: 'superseded' | 'died' | 'half collected';
}

/** Drops what was superseded long enough ago; the names of what it dropped. */
export async function collectSuperseded(store: RowStore, nowMs: number): Promise<string[]> {
  const pointer = await readPointer(store);
  const dropped: string[] = [];
  for (const load of await readLoads(store)) {
    const { generation, state, supersededAtMs } = load.record;
    if (isSuperseded(load, pointer, nowMs)) {
      if (await collect(store, load)) dropped.push(generation);
    } else if (state === LoadState.READY && supersededAtMs === 0n && !isKept(load, pointer)) {
      // Its load ended before it could move the pointer, or the one after it before it could note the time.
      await changeLoad(store, generation, load, { supersededAtMs: BigInt(nowMs) });
    }
  }
  return dropped;
}

/** What `collectAll` would drop. Watches loads on other hosts for a while. */
export async function findCollectable(store: RowStore, clock: Clock): Promise<Collectable[]> {
  const loads = await findLoads(store, clock);
  return loads.map(({ load, reason }) => ({ generation: load.record.generation, reason }));
}

/** Drops superseded generations and loads that died. @param owner of this process */
export async function collectAll(store: RowStore, clock: Clock, owner: OwnerId): Promise<Collectable[]> {
  const collected: Collectable[] = [];
  for (const { load, reason } of await findLoads(store, clock)) {
    if (await collect(store, load, owner)) collected.push({ generation: load.record.generation, reason });
  }
  return collected;
}

async function findLoads(
  store: RowStore,
  clock: Clock,
): Promise<{ readonly load: StoredLoad; readonly reason: Collectable['reason'] }[]> {
  const pointer = await readPointer(store);
  const loads = await readLoads(store);
  const reasons = await Promise.all(loads.map((load) => reasonFor(store, load, pointer, clock)));
  return loads.flatMap((load, i) => {
    const reason = reasons[i];
    return reason === undefined ? [] : [{ load, reason }];
  });
}

async function reasonFor(
  store: RowStore,
  load: StoredLoad,
  pointer: Pointer | undefined,
  clock: Clock,
): Promise<Collectable['reason'] | undefined> {
  const { state } = load.record;
  if (state === LoadState.COLLECTING) return 'half collected';
  if (state === LoadState.LOADING) return (await isDead(store, load, clock)) ? 'died' : undefined;
  return isSuperseded(load, pointer, clock.nowMs()) ? 'superseded' : undefined;
}

function isKept({ record }: StoredLoad, pointer: Pointer | undefined): boolean {
  return record.generation === pointer?.generation || record.generation === pointer?.previous;
}

function isSuperseded(load: StoredLoad, pointer: Pointer | undefined, nowMs: number): boolean {
  const { state, supersededAtMs } = load.record;
  if (state !== LoadState.READY || supersededAtMs === 0n || isKept(load, pointer)) return false;
  return nowMs - Number(supersededAtMs) >= GRACE_MS;
}

/** Drops one generation, unless it is kept or something else happens to it. Raising the fence ends a load that only slept. */
export async function collect(store: RowStore, load: StoredLoad, owner?: OwnerId): Promise<boolean> {
  const { generation, fence, state } = load.record;
  const marked = await changeLoad(store, generation, load, {
    state: LoadState.COLLECTING,
    fence: fence + 1n,
    ...(owner === undefined ? {} : { owner }),
  });
  if (marked === undefined) return false;
  if (isKept(load, await readPointer(store))) {
    await changeLoad(store, generation, marked, { state });
    return false;
  }
  for (const table of GENERATION_TABLES) await store.dropTable(generationTable(table, generation));
  await changeLoad(store, generation, marked, { state: LoadState.COLLECTED });
  return true;
}
