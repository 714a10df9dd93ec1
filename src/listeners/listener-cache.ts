/**
 * Decoded batch rows of the generation that serves, in memory; also that a listener has none. Who asks once asks again with the next
 * track, and the row changes with the next generation alone. Bounded in bytes; who was not heard of the longest goes first.
 */
import { LRUCache } from 'lru-cache';
import { ownMemory } from '../store/packed.js';
import type { Row } from '../store/row-store.js';
import type { ListenerRow } from './listener.js';

/** Beside lists and id: an entry of the cache, and the objects of a decoded row, as measured on Node 24. */
const ENTRY_BYTES = 400;
const ROW_BYTES = 4_000;

export class ListenerCache {
  /** Since the start. */
  readonly counts = { hits: 0, misses: 0, evictions: 0 };
  private kept: KeptListeners | undefined;

  /** @param bytesMax 0 keeps nothing */
  constructor(private readonly bytesMax: number) {}

  /** Memory it takes now. */
  get bytes(): number {
    return this.kept?.bytes ?? 0;
  }

  /** Forgets the generation before: requests that still have it pinned read from the store. */
  serve(generation: string): void {
    this.kept = this.bytesMax === 0 ? undefined : new KeptListeners(generation, this.bytesMax, this.counts);
  }

  /** Undefined unless it is the generation that is served now. */
  of(generation: string): KeptListeners | undefined {
    return this.kept?.generation === generation ? this.kept : undefined;
  }
}

export class KeptListeners {
  private readonly rows: LRUCache<string, ListenerRow | 'none'>;

  constructor(
    readonly generation: string,
    bytesMax: number,
    private readonly counts: { hits: number; misses: number; evictions: number },
  ) {
    this.rows = new LRUCache({
      maxSize: bytesMax,
      dispose: (_row, _listenerId, reason) => {
        if (reason === 'evict') this.counts.evictions++;
      },
    });
  }

  get bytes(): number {
    return this.rows.calculatedSize;
  }

  /** The row; `none` for a listener known to have none, undefined for one not held. Not to be changed. */
  get(listenerId: string): ListenerRow | 'none' | undefined {
    const row = this.rows.get(listenerId);
    if (row === undefined) this.counts.misses++;
    else this.counts.hits++;
    return row;
  }

  /**
   * Decodes a row and keeps it, unless the decoder calls back that it is corrupt. What it is decoded from can go: the lists lie in
   * memory of their own.
   */
  keep(
    listenerId: string,
    row: Row | undefined,
    decode: (row: Row) => { row: ListenerRow; intact: boolean },
  ): ListenerRow | undefined {
    const own = listenerId.length * 2 + ENTRY_BYTES;
    if (row === undefined) {
      this.rows.set(listenerId, 'none', { size: own });
      return undefined;
    }
    const { value, bytes } = ownMemory(row, decode);
    if (value.intact) this.rows.set(listenerId, value.row, { size: own + ROW_BYTES + bytes });
    return value.row;
  }
}
