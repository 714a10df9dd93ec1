/** What the stages read: the listener, and what is related to the tracks being played. Two calls a request at most. */
import type { Bindings } from '../listeners/known-bindings.js';
import type { Listener } from '../listeners/listener.js';
import type { CallOptions, StoreError } from '../store/row-store.js';
import type { World } from '../worlds/world.js';
import type { RetrievedRows } from './stages/retrieve.js';

/** What of it arrived. */
export interface RelatedRows extends RetrievedRows {
  /** Why a part is missing. */
  readonly failure: StoreError | undefined;
}

export interface Reads {
  /** The listener's batch row and live session; one call. A listener nobody knows yet has no row and an empty session. */
  listener(world: World, listenerId: string, options: CallOptions): Promise<Listener>;
  /** What is known to bind for the listener without a read; undefined where nothing is. */
  bindings(listenerId: string): Bindings | undefined;
  /**
   * Neighbours of the seeds, in their order, and the tracks of a context; one call, or at once where all of it is in memory.
   * Rejects when nothing at all arrived.
   */
  related(
    world: World,
    seeds: Uint32Array,
    contextId: string | undefined,
    options: CallOptions,
  ): RelatedRows | Promise<RelatedRows>;
}
