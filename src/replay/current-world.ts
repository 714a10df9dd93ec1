/** The world that a command works on. */
import { SegueError } from '../errors.js';
import type { RowStore } from '../store/row-store.js';
import { openWorld } from '../worlds/loaded-worlds.js';
import { readPointer } from '../worlds/pointer.js';
import type { World } from '../worlds/world.js';

/** @throws SegueError SEGUE_UNAVAILABLE before the first load */
export async function currentWorld(store: RowStore): Promise<World> {
  const pointer = await readPointer(store);
  if (pointer === undefined) {
    throw new SegueError('SEGUE_UNAVAILABLE', 'no world is loaded yet; load one with `segue load`');
  }
  return openWorld(store, pointer.generation);
}
