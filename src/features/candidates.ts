/** Tracks under consideration, one slot each, merged by ordinal, with what every source said of them. */

export const SOURCES = ['neighbours', 'pool', 'context', 'promoted', 'popular'] as const;
export type Source = (typeof SOURCES)[number];
export const SOURCE_COUNT = SOURCES.length;
/** Bit of a source in `Candidates.sources`. */
export const SOURCE_BIT = { neighbours: 1, pool: 2, context: 4, promoted: 8, popular: 16 } as const;

export interface Candidates {
  /** Slots 0 to count - 1 are in use. */
  readonly count: number;
  readonly ordinals: Uint32Array;
  /** Bits of `SOURCE_BIT`. */
  readonly sources: Uint8Array;
  /** `slot * SOURCE_COUNT + source`; NaN where the source did not name the track. */
  readonly scores: Float32Array;
  /** From 0, as `scores`; NaN where the source did not name the track. */
  readonly ranks: Float32Array;
  /** By slot: score among the neighbours of the track that plays now alone; NaN where it is none of them. */
  readonly seedScores: Float32Array;
}

/** Merges the sources of one request by ordinal. Synchronous use only: the slot index is lent from the catalogue's scratch. */
export class CandidateSet implements Candidates {
  readonly ordinals: Uint32Array;
  readonly sources: Uint8Array;
  readonly scores: Float32Array;
  readonly ranks: Float32Array;
  readonly seedScores: Float32Array;
  private used = 0;

  /** @param slotOf slot of each ordinal of the catalogue, all -1; given back so by `done` */
  constructor(
    private readonly capacity: number,
    private readonly slotOf: Int32Array,
  ) {
    this.ordinals = new Uint32Array(capacity);
    this.sources = new Uint8Array(capacity);
    this.scores = new Float32Array(capacity * SOURCE_COUNT).fill(NaN);
    this.ranks = new Float32Array(capacity * SOURCE_COUNT).fill(NaN);
    this.seedScores = new Float32Array(capacity).fill(NaN);
  }

  get count(): number {
    return this.used;
  }

  /** Remembers that `source` (index into SOURCES) named the track; the first mention by a source counts. False when full. */
  add(ordinal: number, source: number, score: number, rank: number): boolean {
    if (ordinal >= this.slotOf.length) return true;
    let slot = this.slotOf[ordinal] ?? -1;
    if (slot < 0) {
      if (this.used === this.capacity) return false;
      slot = this.used++;
      this.slotOf[ordinal] = slot;
      this.ordinals[slot] = ordinal;
    }
    const bit = 1 << source;
    const sources = this.sources[slot] ?? 0;
    if ((sources & bit) !== 0) return true;
    this.sources[slot] = sources | bit;
    this.scores[slot * SOURCE_COUNT + source] = score;
    this.ranks[slot * SOURCE_COUNT + source] = rank;
    return true;
  }

  /** Notes the score of a neighbour of the track that plays now, where it is a candidate. */
  addSeedScore(ordinal: number, score: number): void {
    const slot = this.slotOf[ordinal] ?? -1;
    if (slot >= 0) this.seedScores[slot] = score;
  }

  /** Gives the slot index back, all -1. */
  done(): this {
    for (let slot = 0; slot < this.used; slot++) this.slotOf[this.ordinals[slot] ?? 0] = -1;
    return this;
  }
}

const slotIndices = new WeakMap<object, Int32Array>();

/** The catalogue's scratch slot index, one a process: 4 bytes a track. */
export function slotIndexOf(catalogue: { readonly count: number }): Int32Array {
  let slotOf = slotIndices.get(catalogue);
  if (slotOf === undefined) {
    slotOf = new Int32Array(catalogue.count).fill(-1);
    slotIndices.set(catalogue, slotOf);
  }
  return slotOf;
}
