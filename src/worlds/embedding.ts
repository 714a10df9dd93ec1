/**
 * Track embeddings by random indexing (Kanerva, Kristoferson and Holst 2000; Sahlgren 2005): each track has a sparse ternary
 * index vector made from its id, and the embedding of a track is the weighted sum of its neighbours' index vectors. Tracks
 * that are followed by the same tracks point the same way. Deterministic, and stable between generations.
 */
import { murmur3x64128 } from '../store/murmur3.js';
import { EMBEDDING_SIZE } from './attributes.js';
import type { StringTable } from './string-table.js';
import type { Neighbours } from './track-rows.js';

/** Entries of an index vector that are not zero: the first half +1, the others -1. */
const NONZERO = 8;
const SEED = 0x5e90e;
/** Length of an embedding, so that the cosine of two is their dot product over its square. */
export const EMBEDDING_LENGTH = 127;

export class RandomIndex {
  /** `NONZERO` distinct places a track. */
  private readonly places: Uint8Array;
  private readonly sum = new Float64Array(EMBEDDING_SIZE);

  constructor(ids: StringTable) {
    this.places = new Uint8Array(ids.count * NONZERO);
    const quarters = new Uint32Array(4);
    for (let ordinal = 0; ordinal < ids.count; ordinal++) {
      const id = ids.bytes.subarray(ids.offsets[ordinal], ids.offsets[ordinal + 1]);
      murmur3x64128(id, id.length, SEED, quarters);
      this.place(ordinal * NONZERO, quarters);
    }
  }

  private place(start: number, quarters: Uint32Array): void {
    for (let i = 0; i < NONZERO; i++) {
      let at = (quarters[i >> 1] >>> ((i & 1) * 16)) % EMBEDDING_SIZE;
      while (this.places.subarray(start, start + i).includes(at)) at = (at + 1) % EMBEDDING_SIZE;
      this.places[start + i] = at;
    }
  }

  /** @param out `EMBEDDING_SIZE` int8; zeros where there are no neighbours with a score above 0 */
  embed({ ordinals, scores }: Neighbours, out: Int8Array): void {
    const { sum, places } = this;
    sum.fill(0);
    for (let i = 0; i < ordinals.length; i++) {
      const weight = scores[i];
      if (!(weight > 0 && weight < Infinity)) continue;
      const start = ordinals[i] * NONZERO;
      for (let j = 0; j < NONZERO / 2; j++) sum[places[start + j]] += weight;
      for (let j = NONZERO / 2; j < NONZERO; j++) sum[places[start + j]] -= weight;
    }
    let squares = 0;
    for (let i = 0; i < EMBEDDING_SIZE; i++) squares += sum[i] * sum[i];
    const scale = squares === 0 ? 0 : EMBEDDING_LENGTH / Math.sqrt(squares);
    for (let i = 0; i < EMBEDDING_SIZE; i++) out[i] = Math.round(sum[i] * scale);
  }
}
