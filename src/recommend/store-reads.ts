/** The reads of a request, from a row store: one call for the listener, one for what is related. */
import { decodeListenerRow, type ListenerColumn } from '../listeners/listener-row.js';
import type { Listener, ListenerRow } from '../listeners/listener.js';
import { decodeSession } from '../listeners/decode-session.js';
import { sessionRef } from '../listeners/session-row.js';
import { StoreError, type CallOptions, type Row, type RowRef, type RowStore } from '../store/row-store.js';
import { generationTable, rowKey, type GenerationTable } from '../store/tables.js';
import { CorruptRowError } from '../store/corrupt-row-error.js';
import { decodeContextTracks, decodeNeighbours } from '../worlds/track-rows.js';
import type { World } from '../worlds/world.js';
import type { Reads } from './reads.js';
import type { RetrievedRows } from './stages/retrieve.js';

export interface ReadsObserver {
  /** A stored value could not be decoded; it counts as absent. */
  corrupt(table: GenerationTable, error: Error): void;
  /** The store lost a table, as an emulator does that was started again. */
  missingTable?(): void;
}

export class StoreReads implements Reads {
  constructor(
    private readonly store: Pick<RowStore, 'read'>,
    private readonly observer: ReadsObserver,
  ) {}

  async listener(world: World, listenerId: string, options: CallOptions): Promise<Listener> {
    const batch: RowRef = { table: generationTable('listeners', world.generation), key: rowKey(listenerId) };
    const [batchRow, sessionRow] = await this.read([batch, sessionRef(listenerId)], options);
    const row = batchRow === undefined ? undefined : this.decodeRow(batchRow, world);
    return listenerOf(listenerId, row, sessionRow, world);
  }

  async related(
    world: World,
    seeds: Uint32Array,
    contextId: string | undefined,
    options: CallOptions,
  ): Promise<RetrievedRows> {
    const table = generationTable('tracks', world.generation);
    const refs: RowRef[] = Array.from(seeds, (seed) => ({ table, key: rowKey(world.catalogue.idOf(seed)) }));
    if (contextId !== undefined) {
      refs.push({ table: generationTable('contexts', world.generation), key: rowKey(contextId) });
    }
    if (refs.length === 0) return { neighbours: [], context: undefined };
    const rows = await this.read(refs, options);
    const { count } = world.catalogue;
    const neighbours = Array.from(seeds, (_seed, i) => this.orAbsent('tracks', () => decodeNeighbours(rows[i], count)));
    const context =
      contextId === undefined
        ? undefined
        : this.orAbsent('contexts', () => decodeContextTracks(rows[seeds.length], count));
    return { neighbours, context };
  }

  private async read(refs: readonly RowRef[], options: CallOptions): Promise<(Row | undefined)[]> {
    try {
      return await this.store.read(refs, options);
    } catch (error) {
      if (error instanceof StoreError && error.reason === 'no-table') this.observer.missingTable?.();
      throw error;
    }
  }

  private decodeRow(row: Row, world: World): ListenerRow {
    return decodeListenerRow(row, world.catalogue, (_column: ListenerColumn, error: CorruptRowError) => {
      this.observer.corrupt('listeners', error);
    });
  }

  private orAbsent<T>(table: GenerationTable, decode: () => T): T | undefined {
    try {
      return decode();
    } catch (error) {
      if (!(error instanceof CorruptRowError)) throw error;
      this.observer.corrupt(table, error);
      return undefined;
    }
  }
}

/** A listener from their decoded batch row and their row of `sessions`. */
export function listenerOf(
  listenerId: string,
  row: ListenerRow | undefined,
  sessionRow: Row | undefined,
  world: World,
): Listener {
  const { session, preferences } = decodeSession(sessionRow, row?.history, world.catalogue, row?.builtThroughMs);
  return { id: listenerId, row, session, preferences };
}
