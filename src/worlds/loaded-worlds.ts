/**
 * The current world of this process. It looks at the pointer, loads the next world beside the one that serves, and swaps one
 * reference: a request sees the world it pinned until it releases it, never a mix. When loading fails, the old one stays.
 */
import { SegueError } from '../errors.js';
import type { RowStore } from '../store/row-store.js';
import { GENERATION_TABLES, generationTable, rowKey } from '../store/tables.js';
import { decodeCatalogue } from './catalogue-file.js';
import { fetchCatalogue } from './catalogue-store.js';
import { MemoryWorld } from './memory-world.js';
import { readPointer } from './pointer.js';
import type { PinnedWorld, World, Worlds } from './world.js';

/** Rows read from a new generation before it serves, so that its files are open and their first pages are in memory. */
const WARM_ROWS = 64;

/** What happens to worlds, for logs and counters. */
export interface WorldsObserver {
  loaded(world: World, elapsedMs: number): void;
  /** The old world goes on serving. */
  failed(error: unknown): void;
  /** The last request that pinned a replaced world has ended; its memory is free to go. */
  dropped(generation: string): void;
}

export interface LoadedWorldsOptions {
  readonly store: RowStore;
  /** Milliseconds between two looks at the pointer, on average. */
  readonly pollMs: number;
  readonly observer: WorldsObserver;
  /** In [0, 1); spreads the looks of many processes by a quarter either way. */
  readonly random: () => number;
  readonly monotonicMs: () => number;
}

interface Holding {
  readonly world: World;
  /** Requests that pinned it, and one for being current. */
  pins: number;
}

export class LoadedWorlds implements Worlds {
  private holding: Holding | undefined;
  private refreshing: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;
  private failureCount = 0;

  /** Loads nothing yet: call `start` or `refresh`. */
  constructor(private readonly options: LoadedWorldsOptions) {}

  /** Loads the current world and begins to look for the next. Does not throw: without a world, `pin` says so, and the looks go on. */
  async start(): Promise<void> {
    await this.refresh();
    this.lookLater();
  }

  get current(): World | undefined {
    return this.holding?.world;
  }

  /** Loads that failed since the start. */
  get failures(): number {
    return this.failureCount;
  }

  pin(): PinnedWorld {
    const { holding } = this;
    if (holding === undefined)
      throw new SegueError('SEGUE_UNAVAILABLE', 'no world is loaded yet; load one with `segue load`');
    holding.pins++;
    let released = false;
    return {
      world: holding.world,
      release: () => {
        if (released) return;
        released = true;
        this.unpin(holding);
      },
    };
  }

  /** Looks at the pointer now and loads what it points to, if that is another generation; joins a look under way. */
  refresh(): Promise<void> {
    this.refreshing ??= this.look().finally(() => {
      this.refreshing = undefined;
    });
    return this.refreshing;
  }

  /** Ends the looks, and waits for one under way. Worlds that are pinned stay usable. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.refreshing;
  }

  private async look(): Promise<void> {
    const { store, observer, monotonicMs } = this.options;
    try {
      const startedMs = monotonicMs();
      const pointer = await readPointer(store);
      if (pointer === undefined || pointer.generation === this.current?.generation) return;
      const world = await openWorld(store, pointer.generation);
      if (this.closed) return;
      const old = this.holding;
      this.holding = { world, pins: 1 };
      observer.loaded(world, monotonicMs() - startedMs);
      if (old !== undefined) this.unpin(old);
    } catch (error) {
      if (this.closed) return;
      this.failureCount++;
      observer.failed(error);
    }
  }

  private unpin(holding: Holding): void {
    holding.pins--;
    if (holding.pins === 0) this.options.observer.dropped(holding.world.generation);
  }

  private lookLater(): void {
    if (this.closed) return;
    const { pollMs, random } = this.options;
    this.timer = setTimeout(
      () => {
        void this.refresh().then(() => {
          this.lookLater();
        });
      },
      pollMs * (0.75 + random() / 2),
    );
    this.timer.unref();
  }
}

/**
 * Reads the catalogue of a generation and warms its tables.
 *
 * @throws SegueError SEGUE_UNAVAILABLE when the catalogue is corrupt or incomplete
 * @throws StoreError
 */
export async function openWorld(store: RowStore, generation: string): Promise<World> {
  const { file, digest } = await fetchCatalogue(store, generation);
  const world = new MemoryWorld(generation, decodeCatalogue(file, digest));
  const popular = world.popular(undefined).ordinals.subarray(0, WARM_ROWS);
  const ids = Array.from(popular, (ordinal) => world.catalogue.idOf(ordinal));
  for (const name of GENERATION_TABLES) {
    const table = generationTable(name, generation);
    await store.read(ids.map((id) => ({ table, key: rowKey(id) })));
  }
  return world;
}
