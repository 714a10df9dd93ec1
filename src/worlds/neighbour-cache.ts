/**
 * Decoded neighbours of the world that serves, by ordinal, in memory: a hit costs neither a key, nor a read, nor decoding.
 *
 * Bounded in bytes. The tracks that go first are those not asked for since the hand last came by (the clock algorithm, Corbató
 * 1968); it begins at the least popular.
 */
import type { Neighbours } from './track-rows.js';

/** Beside its lists: two typed arrays, their buffer and the object that holds them, as measured on Node 24. */
const ENTRY_BYTES = 500;
/** A pointer and a state. */
const TRACK_BYTES = 9;

const State = { unknown: 0, none: 1, held: 2, asked: 3 } as const;

/** Since the start. */
export interface CacheCounts {
  readonly hits: number;
  readonly misses: number;
  readonly evictions: number;
}

export class NeighbourCache {
  readonly counts = { hits: 0, misses: 0, evictions: 0 } satisfies CacheCounts;
  private table: NeighbourTable | undefined;

  /** @param bytesMax 0 keeps nothing */
  constructor(private readonly bytesMax: number) {}

  /** Memory it takes now. */
  get bytes(): number {
    return this.table?.bytes ?? 0;
  }

  /** Forgets the generation before: requests that still have it pinned read from the store. */
  serve(generation: string, trackCount: number): void {
    const fits = trackCount * TRACK_BYTES < this.bytesMax;
    this.table = fits ? new NeighbourTable(generation, trackCount, this.bytesMax, this.counts) : undefined;
  }

  /** Undefined unless it is the generation that is served now. */
  of(generation: string): NeighbourTable | undefined {
    return this.table?.generation === generation ? this.table : undefined;
  }
}

export class NeighbourTable {
  private readonly entries: (Neighbours | undefined)[];
  /** `State` of each track. */
  private readonly states: Uint8Array;
  private bytesHeld: number;
  private hand: number;

  constructor(
    readonly generation: string,
    trackCount: number,
    private readonly bytesMax: number,
    private readonly counts: { hits: number; misses: number; evictions: number },
  ) {
    this.entries = new Array<Neighbours | undefined>(trackCount);
    this.states = new Uint8Array(trackCount);
    this.bytesHeld = trackCount * TRACK_BYTES;
    this.hand = trackCount;
  }

  get bytes(): number {
    return this.bytesHeld;
  }

  /** The neighbours; `none` for a track known to have none, undefined for one not held. Not to be changed. */
  get(ordinal: number): Neighbours | 'none' | undefined {
    const state = this.states[ordinal];
    if (state === State.unknown) {
      this.counts.misses++;
      return undefined;
    }
    this.counts.hits++;
    if (state === State.none) return 'none';
    if (state === State.held) this.states[ordinal] = State.asked;
    return this.entries[ordinal];
  }

  /** Keeps a copy, so that what it was decoded from can go. */
  keep(ordinal: number, neighbours: Neighbours | undefined): void {
    if (this.states[ordinal] !== State.unknown) return;
    if (neighbours === undefined) {
      this.states[ordinal] = State.none;
      return;
    }
    const bytes = bytesOf(neighbours);
    while (this.bytesHeld + bytes > this.bytesMax) if (!this.evict()) return;
    this.entries[ordinal] = compact(neighbours);
    this.states[ordinal] = State.held;
    this.bytesHeld += bytes;
  }

  /** Lets one go. False when nothing is held. */
  private evict(): boolean {
    const { states, entries } = this;
    // Two rounds: in the first, all may have been asked for.
    for (let steps = states.length * 2; steps > 0; steps--) {
      this.hand = this.hand === 0 ? states.length - 1 : this.hand - 1;
      const state = states[this.hand];
      if (state === State.asked) states[this.hand] = State.held;
      if (state !== State.held) continue;
      const entry = entries[this.hand];
      if (entry !== undefined) this.bytesHeld -= bytesOf(entry);
      entries[this.hand] = undefined;
      states[this.hand] = State.unknown;
      this.counts.evictions++;
      return true;
    }
    return false;
  }
}

function bytesOf({ ordinals, scores }: Neighbours): number {
  return ordinals.byteLength + scores.byteLength + ENTRY_BYTES;
}

function compact({ ordinals, scores }: Neighbours): Neighbours {
  const memory = new ArrayBuffer(ordinals.byteLength + scores.byteLength);
  const copy = {
    ordinals: new Uint32Array(memory, 0, ordinals.length),
    scores: new Float32Array(memory, ordinals.byteLength, scores.length),
  };
  copy.ordinals.set(ordinals);
  copy.scores.set(scores);
  return copy;
}
