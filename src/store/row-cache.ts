/**
 * Rows of the generation that serves, in memory, in front of a store where a read costs; also that there is no such row.
 * Bounded in bytes; rows that were not asked for the longest go first. Failures are never kept, a missing table among them.
 */
import { LRUCache } from 'lru-cache';
import type { RowOutcome, RowReads } from './row-reads.js';
import { StoreError, type CallOptions, type Row, type RowRef } from './row-store.js';
import { generationTable, type GenerationTable } from './tables.js';

/** Beside keys and values, as measured on Node 24: an entry of the cache, and a column of a row. */
const ENTRY_BYTES = 400;
const COLUMN_BYTES = 200;

const ABSENT = 'absent';

interface Kept {
  readonly tables: readonly string[];
  readonly rows: LRUCache<string, Row | typeof ABSENT>;
}

export class RowCache implements RowReads {
  /** Since the start. */
  readonly counts = { hits: 0, misses: 0, evictions: 0 };
  private kept: Kept | undefined;

  /**
   * @param tables of which rows are kept; all others are read each time
   * @param bytesMax 0 keeps nothing
   */
  constructor(
    private readonly inner: RowReads,
    private readonly tables: readonly GenerationTable[],
    private readonly bytesMax: number,
  ) {}

  /** Memory it takes now. */
  get bytes(): number {
    return this.kept?.rows.calculatedSize ?? 0;
  }

  /** Forgets the generation before: requests that still have it pinned read from the store. */
  serve(generation: string): void {
    if (this.bytesMax === 0) return;
    this.kept = {
      tables: this.tables.map((table) => generationTable(table, generation)),
      rows: new LRUCache({
        maxSize: this.bytesMax,
        dispose: (_row, _key, reason) => {
          if (reason === 'evict') this.counts.evictions++;
        },
      }),
    };
  }

  async readEach(refs: readonly RowRef[], options?: CallOptions): Promise<RowOutcome[]> {
    const { kept } = this;
    if (kept === undefined) return this.inner.readEach(refs, options);
    const outcomes = new Array<RowOutcome>(refs.length);
    const missing: RowRef[] = [];
    const places: number[] = [];
    for (const [place, ref] of refs.entries()) {
      const row = this.lookUp(kept, ref);
      if (row !== undefined) outcomes[place] = row === ABSENT ? undefined : row;
      else {
        missing.push(ref);
        places.push(place);
      }
    }
    if (missing.length === 0) return outcomes;
    const read = await this.inner.readEach(missing, options);
    for (const [i, ref] of missing.entries()) {
      const outcome = read[i];
      outcomes[places[i]] = outcome;
      if (!(outcome instanceof StoreError) && kept.tables.includes(ref.table)) keep(kept.rows, idOf(ref), outcome);
    }
    return outcomes;
  }

  private lookUp(kept: Kept, ref: RowRef): Row | typeof ABSENT | undefined {
    if (!kept.tables.includes(ref.table)) return undefined;
    const row = kept.rows.get(idOf(ref));
    if (row === undefined) this.counts.misses++;
    else this.counts.hits++;
    return row;
  }
}

function idOf({ table, key }: RowRef): string {
  return `${table}\0${key}`;
}

/** A copy: what was read may be a view of a message that holds many rows. */
function keep(rows: LRUCache<string, Row | typeof ABSENT>, id: string, row: Row | undefined): void {
  const own = id.length * 2 + ENTRY_BYTES;
  if (row === undefined) {
    rows.set(id, ABSENT, { size: own });
    return;
  }
  let bytes = 0;
  for (const value of row.values()) bytes += value.length;
  const memory = new Uint8Array(bytes);
  const copy = new Map<string, Uint8Array>();
  let at = 0;
  for (const [column, value] of row) {
    memory.set(value, at);
    copy.set(column, memory.subarray(at, at + value.length));
    at += value.length;
  }
  rows.set(id, copy, { size: own + bytes + copy.size * COLUMN_BYTES });
}
