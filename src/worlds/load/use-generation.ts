/** Makes a loaded generation current. */
import { SegueError } from '../../errors.js';
import type { RowStore } from '../../store/row-store.js';
import { movePointer, readPointer, type Pointer } from '../pointer.js';
import { changeLoad, LoadState, readLoad, readLoads } from './load-record.js';

const ATTEMPTS_MAX = 20;

/**
 * Moves the pointer, and notes since when the one before is not current.
 *
 * @throws SegueError SEGUE_NOT_FOUND when no generation of that name is ready
 */
export async function useGeneration(store: RowStore, generation: string, nowMs: number): Promise<Pointer> {
  await requireReady(store, generation);
  const before = await readPointer(store);
  const pointer = await movePointer(store, generation, nowMs);
  try {
    await requireReady(store, generation);
  } catch (error) {
    // It was being dropped; see collect.ts.
    if (before !== undefined) await movePointer(store, before.generation, nowMs);
    throw error;
  }
  await setSuperseded(store, generation, 0n);
  if (pointer.previous !== '') await setSuperseded(store, pointer.previous, BigInt(nowMs));
  return pointer;
}

async function setSuperseded(store: RowStore, generation: string, supersededAtMs: bigint): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const load = await readLoad(store, generation);
    if (load === undefined || load.record.supersededAtMs === supersededAtMs) return;
    if ((await changeLoad(store, generation, load, { supersededAtMs })) !== undefined) return;
  }
}

async function requireReady(store: RowStore, generation: string): Promise<void> {
  const load = await readLoad(store, generation);
  if (load?.record.state === LoadState.READY) return;
  const ready = (await readLoads(store)).filter(({ record }) => record.state === LoadState.READY);
  throw new SegueError(
    'SEGUE_NOT_FOUND',
    `there is no generation "${generation}" that is ready; ready are: ${ready.map(({ record }) => record.generation).join(', ') || 'none'}`,
    'generation',
  );
}
