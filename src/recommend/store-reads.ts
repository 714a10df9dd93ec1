/** The reads of a request, from a row store: one call for the listener, one for what is related. */
import { decodeListenerRow, type ListenerColumn } from '../listeners/listener-row.js';
import type { Bindings, KnownBindings } from '../listeners/known-bindings.js';
import type { ListenerCache } from '../listeners/listener-cache.js';
import type { Listener, ListenerRow } from '../listeners/listener.js';
import { decodeSession } from '../listeners/decode-session.js';
import { sessionRef } from '../listeners/session-row.js';
import type { RowOutcome, RowReads } from '../store/row-reads.js';
import { StoreError, type CallOptions, type Row, type RowRef } from '../store/row-store.js';
import { generationTable, rowKey, type GenerationTable } from '../store/tables.js';
import { CorruptRowError } from '../store/corrupt-row-error.js';
import type { NeighbourCache } from '../worlds/neighbour-cache.js';
import { decodeContextTracks, decodeNeighbours, type Neighbours } from '../worlds/track-rows.js';
import type { World } from '../worlds/world.js';
import type { Reads, RelatedRows } from './reads.js';

export interface ReadsObserver {
  /** A stored value could not be decoded; it counts as absent. */
  corrupt(table: GenerationTable, error: Error): void;
  /** The store lost a table, as an emulator does that was started again. */
  missingTable?(): void;
}

/** What a request asks of the store for its seeds and its context. */
interface Missing {
  readonly seeds: Uint32Array;
  readonly contextId: string | undefined;
  /** By seed; to be filled in. */
  readonly neighbours: (Neighbours | undefined)[];
  readonly refs: readonly RowRef[];
  /** Of the first refs among the seeds; one more ref is the context's. */
  readonly places: readonly number[];
}

/** What is kept in memory: of the world that serves, decoded, and what binds for listeners. */
export interface Kept {
  readonly listeners?: ListenerCache;
  readonly neighbours?: NeighbourCache;
  readonly bindings?: KnownBindings;
}

export class StoreReads implements Reads {
  /** @param kept without it everything is read each time, and nothing binds that was not read */
  constructor(
    private readonly rows: RowReads,
    private readonly observer: ReadsObserver,
    private readonly kept: Kept = {},
  ) {}

  async listener(world: World, listenerId: string, options: CallOptions): Promise<Listener> {
    const kept = this.kept.listeners?.of(world.generation);
    const known = kept?.get(listenerId);
    if (known !== undefined) {
      const [session] = await this.read([sessionRef(listenerId)], options);
      return this.learnt(listenerOf(listenerId, known === 'none' ? undefined : known, present(session), world), world);
    }
    const batch: RowRef = { table: generationTable('listeners', world.generation), key: rowKey(listenerId) };
    const [batchRow, session] = await this.read([batch, sessionRef(listenerId)], options);
    const corrupt: string[] = [];
    const decode = (row: Row): ListenerRow => this.decodeRow(row, world, corrupt);
    const stored = present(batchRow);
    const row =
      kept === undefined
        ? stored && decode(stored)
        : kept.keep(listenerId, stored, (copy) => ({ row: decode(copy), intact: corrupt.length === 0 }));
    return this.learnt(listenerOf(listenerId, row, present(session), world, corrupt), world);
  }

  bindings(listenerId: string): Bindings | undefined {
    return this.kept.bindings?.of(listenerId);
  }

  related(
    world: World,
    seeds: Uint32Array,
    contextId: string | undefined,
    options: CallOptions,
  ): RelatedRows | Promise<RelatedRows> {
    const kept = this.kept.neighbours?.of(world.generation);
    const neighbours = new Array<Neighbours | undefined>(seeds.length);
    const refs: RowRef[] = [];
    const places: number[] = [];
    const table = generationTable('tracks', world.generation);
    for (let i = 0; i < seeds.length; i++) {
      const known = kept?.get(seeds[i]);
      if (known === undefined) {
        refs.push({ table, key: rowKey(world.catalogue.idOf(seeds[i])) });
        places.push(i);
      } else if (known !== 'none') neighbours[i] = known;
    }
    if (contextId !== undefined) {
      refs.push({ table: generationTable('contexts', world.generation), key: rowKey(contextId) });
    }
    if (refs.length === 0) return { neighbours, context: undefined, failure: undefined };
    return this.readRelated(world, { seeds, contextId, neighbours, refs, places }, options);
  }

  /** What is not in memory. */
  private async readRelated(
    world: World,
    { seeds, contextId, neighbours, refs, places }: Missing,
    options: CallOptions,
  ): Promise<RelatedRows> {
    const kept = this.kept.neighbours?.of(world.generation);
    const outcomes = await this.read(refs, options);
    let failure = outcomes.find((outcome) => outcome instanceof StoreError);
    const failed = (error: CorruptRowError): void => {
      failure ??= new StoreError('error', error.message, { cause: error });
    };
    const arrived = seeds.length + (contextId === undefined ? 0 : 1) - outcomes.filter(isFailure).length;
    if (failure !== undefined && arrived === 0) throw failure;
    const { count } = world.catalogue;
    for (const [i, place] of places.entries()) {
      const row = outcomes[i];
      if (row instanceof StoreError) continue;
      this.orAbsent('tracks', failed, () => {
        const decoded = decodeNeighbours(row, count);
        neighbours[place] = decoded;
        kept?.keep(seeds[place], decoded);
      });
    }
    const contextRow = contextId === undefined ? undefined : outcomes[places.length];
    const context =
      contextRow instanceof StoreError
        ? undefined
        : this.orAbsent('contexts', failed, () => decodeContextTracks(contextRow, count));
    return { neighbours, context, failure };
  }

  private async read(refs: readonly RowRef[], options: CallOptions): Promise<RowOutcome[]> {
    const outcomes = await this.rows.readEach(refs, options);
    if (outcomes.some((outcome) => outcome instanceof StoreError && outcome.reason === 'no-table')) {
      this.observer.missingTable?.();
    }
    return outcomes;
  }

  private learnt(listener: Listener, { catalogue }: World): Listener {
    this.kept.bindings?.learn(listener, catalogue);
    return listener;
  }

  private decodeRow(row: Row, world: World, corrupt: string[]): ListenerRow {
    return decodeListenerRow(row, world.catalogue, (column: ListenerColumn, error: CorruptRowError) => {
      corrupt.push(column);
      this.observer.corrupt('listeners', error);
    });
  }

  private orAbsent<T>(
    table: GenerationTable,
    failed: (error: CorruptRowError) => void,
    decode: () => T,
  ): T | undefined {
    try {
      return decode();
    } catch (error) {
      if (!(error instanceof CorruptRowError)) throw error;
      this.observer.corrupt(table, error);
      failed(error);
      return undefined;
    }
  }
}

/** @throws StoreError when the row could not be had */
function present(outcome: RowOutcome): Row | undefined {
  if (outcome instanceof StoreError) throw outcome;
  return outcome;
}

function isFailure(outcome: RowOutcome): boolean {
  return outcome instanceof StoreError;
}

/** A listener from their decoded batch row and their row of `sessions`. */
export function listenerOf(
  listenerId: string,
  row: ListenerRow | undefined,
  sessionRow: Row | undefined,
  world: World,
  corrupt: readonly string[] = [],
): Listener {
  const decoded = decodeSession(sessionRow, row?.history, world.catalogue, row?.builtThroughMs);
  const { session, preferences } = decoded;
  const unread = decoded.malformed === 0 ? corrupt : [...corrupt, `${decoded.malformed} events`];
  return { id: listenerId, row, session, preferences, corrupt: unread };
}
