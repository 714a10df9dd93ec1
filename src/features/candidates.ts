/** Tracks under consideration, one slot each, merged by ordinal, with what every source said of them. */
import { ATTRIBUTE } from '../worlds/attributes.js';
import { EMBEDDING_OFFSET, RECORD_FLOATS, type Catalogue } from '../worlds/world.js';
import { fillMissing } from './missing.js';
import { SlotColumns } from './slot-columns.js';
import { slotIndexOf } from './slot-index.js';

export const SOURCES = ['neighbours', 'pool', 'context', 'promoted', 'popular'] as const;
export type Source = (typeof SOURCES)[number];
export const SOURCE_COUNT = SOURCES.length;
/** Index of each source in SOURCES. */
export const SOURCE_INDEX = { neighbours: 0, pool: 1, context: 2, promoted: 3, popular: 4 } as const;
/** Bit of a source in `Candidates.sources`. */
export const SOURCE_BIT = { neighbours: 1, pool: 2, context: 4, promoted: 8, popular: 16 } as const;

export interface Candidates {
  /** Slots 0 to count - 1 are in use. */
  readonly count: number;
  readonly ordinals: Uint32Array;
  /** Bits of `SOURCE_BIT`. */
  readonly sources: Uint8Array;
  /** `slot * SOURCE_COUNT + source`, where the source named the track: see `sources`. Elsewhere it is whatever was there before. */
  readonly scores: Float32Array;
  /** From 0, as `scores`. */
  readonly ranks: Float32Array;
  /** By slot: score among the neighbours of the track that plays now alone; NaN where it is none of them. */
  readonly seedScores: Float32Array;
  /** By slot: the track's artist, as a number from 0 among the artists of the candidates; -1 where the catalogue names none. */
  readonly artists: Int32Array;
  readonly artistCount: number;
  /** The artist's ordinal, by that number. */
  readonly artistOrdinals: Uint32Array;
  /** Working memory of the stages after this one. */
  readonly columns: SlotColumns;
}

/**
 * Merges the sources of one request by ordinal. Its memory is the request's working memory: it grows to the largest request and
 * is used again, since making a dozen arrays costs a request more than filling them. Between `begin` and `done` it borrows the
 * catalogue's slot index, so both belong to one turn of the event loop.
 */
export class CandidateSet implements Candidates {
  ordinals = new Uint32Array(0);
  sources = new Uint8Array(0);
  scores = new Float32Array(0);
  ranks = new Float32Array(0);
  seedScores = new Float32Array(0);
  artists = new Int32Array(0);
  artistOrdinals = new Uint32Array(0);
  readonly columns = new SlotColumns();
  private used = 0;
  private artistsUsed = 0;
  private capacity = 0;
  private slotOf = new Int32Array(0);
  /** Kept, or the engine would leave out the reads that it sums. */
  private touched = 0;

  get count(): number {
    return this.used;
  }

  get artistCount(): number {
    return this.artistsUsed;
  }

  /** Empties the set, for at most `capacity` candidates of a catalogue. */
  begin(capacity: number, catalogue: { readonly count: number }): this {
    this.used = 0;
    this.artistsUsed = 0;
    this.capacity = capacity;
    this.slotOf = slotIndexOf(catalogue);
    if (this.ordinals.length < capacity) {
      this.ordinals = new Uint32Array(capacity);
      this.sources = new Uint8Array(capacity);
      this.scores = new Float32Array(capacity * SOURCE_COUNT);
      this.ranks = new Float32Array(capacity * SOURCE_COUNT);
      this.seedScores = new Float32Array(capacity);
      this.artists = new Int32Array(capacity);
      this.artistOrdinals = new Uint32Array(capacity);
    }
    this.sources.fill(0, 0, capacity);
    fillMissing(this.seedScores, capacity);
    return this;
  }

  /** Remembers that `source` (index into SOURCES) named the track; the first mention by a source counts. False when full. */
  add(ordinal: number, source: number, score: number, rank: number): boolean {
    if (ordinal >= this.slotOf.length) return true;
    let slot = this.slotOf[ordinal];
    if (slot < 0) {
      if (this.used === this.capacity) return false;
      slot = this.used++;
      this.slotOf[ordinal] = slot;
      this.ordinals[slot] = ordinal;
    }
    const bit = 1 << source;
    const sources = this.sources[slot];
    if ((sources & bit) !== 0) return true;
    this.sources[slot] = sources | bit;
    this.scores[slot * SOURCE_COUNT + source] = score;
    this.ranks[slot * SOURCE_COUNT + source] = rank;
    return true;
  }

  /** Notes the score of a neighbour of the track that plays now, where it is a candidate. */
  addSeedScore(ordinal: number, score: number): void {
    const slot = this.slotOf[ordinal];
    if (slot >= 0) this.seedScores[slot] = score;
  }

  /** All are added: numbers their artists and gives the slot index back. */
  done(catalogue: Catalogue): this {
    releaseSlots(this, this.slotOf);
    this.fetch(catalogue);
    const { floats } = catalogue;
    const numbers = artistNumbersOf(catalogue);
    for (let slot = 0; slot < this.used; slot++) {
      const artist = floats[this.ordinals[slot] * RECORD_FLOATS + ATTRIBUTE.artist];
      let number = artist >= 0 && artist < numbers.length ? numbers[artist] : NO_ARTIST;
      if (number === UNNUMBERED) {
        number = this.artistsUsed++;
        numbers[artist] = number;
        this.artistOrdinals[number] = artist;
      }
      this.artists[slot] = number;
    }
    for (let i = 0; i < this.artistsUsed; i++) numbers[this.artistOrdinals[i]] = UNNUMBERED;
    return this;
  }

  /**
   * Touches all that the stages read of the candidates' tracks, so that the processor fetches it for many tracks at once: where it
   * is read, one waits for the other. Of a million tracks none of it is in its caches.
   */
  private fetch(catalogue: Catalogue): void {
    const { floats } = catalogue;
    let sum = 0;
    for (let slot = 0; slot < this.used; slot++) {
      const record = this.ordinals[slot] * RECORD_FLOATS;
      sum += floats[record] + floats[record + EMBEDDING_FLOATS];
    }
    this.touched = sum;
  }
}

/** Where the embedding is in a record, in floats. */
const EMBEDDING_FLOATS = EMBEDDING_OFFSET / Float32Array.BYTES_PER_ELEMENT;

const NO_ARTIST = -1;
const UNNUMBERED = -2;

const artistNumbers = new WeakMap<object, Int32Array<ArrayBuffer>>();

function releaseSlots({ ordinals, count }: Pick<Candidates, 'ordinals' | 'count'>, slotOf: Int32Array): void {
  for (let slot = 0; slot < count; slot++) slotOf[ordinals[slot]] = -1;
}

/** Calls `use` with the slot of each ordinal of the catalogue, -1 for tracks that are no candidates; lent for the call alone. */
export function withSlots<T>(
  candidates: Candidates,
  catalogue: { readonly count: number },
  use: (slotOf: Int32Array) => T,
): T {
  const slotOf = slotIndexOf(catalogue);
  const { count, ordinals } = candidates;
  for (let slot = 0; slot < count; slot++) slotOf[ordinals[slot]] = slot;
  try {
    return use(slotOf);
  } finally {
    releaseSlots(candidates, slotOf);
  }
}

function artistNumbersOf(catalogue: { readonly artistCount: number }): Int32Array {
  let numbers = artistNumbers.get(catalogue);
  if (numbers === undefined) {
    numbers = new Int32Array(catalogue.artistCount).fill(UNNUMBERED);
    artistNumbers.set(catalogue, numbers);
  }
  return numbers;
}

/** Calls `use` with the number of each artist among the candidates' artists, negative for others; lent for the call alone. */
export function withArtistNumbers<T>(
  candidates: Candidates,
  catalogue: { readonly artistCount: number },
  use: (numberOf: Int32Array) => T,
): T {
  const numbers = artistNumbersOf(catalogue);
  const { artistCount, artistOrdinals } = candidates;
  for (let i = 0; i < artistCount; i++) numbers[artistOrdinals[i]] = i;
  try {
    return use(numbers);
  } finally {
    for (let i = 0; i < artistCount; i++) numbers[artistOrdinals[i]] = UNNUMBERED;
  }
}
