/** One generation of batch data, immutable; a request pins one. */
import { EMBEDDING_SIZE } from './attributes.js';

export interface Catalogue {
  /** Number of tracks; ordinals are 0 to count - 1 by falling popularity. */
  readonly count: number;
  readonly artistCount: number;
  /** `ATTRIBUTE_COUNT` floats a track at `ordinal * RECORD_FLOATS`; see `attributes.ts`. */
  readonly floats: Float32Array;
  /** The embedding of a track: `EMBEDDING_SIZE` int8 at `ordinal * RECORD_BYTES + ATTRIBUTE_COUNT * 4` of the same memory. */
  readonly bytes: Int8Array;
  /** -1 for an unknown id. */
  ordinalOf(trackId: string): number;
  idOf(ordinal: number): string;
  /** -1 for an unknown artist. */
  artistOrdinalOf(artist: string): number;
  artistOf(artistOrdinal: number): string;
  /** Whether a track may be served in the market; true where the catalogue names none. */
  admits(ordinal: number, market: string): boolean;
  /** Whether any track is for the market by name: all others admit the same tracks, those that are for everywhere. */
  namesMarket(market: string): boolean;
  /** Owned memory in bytes, id index included. */
  readonly sizeBytes: number;
}

/** Floats and bytes from one record to the next: 16 float32, then 64 int8. */
export const RECORD_FLOATS = 32;
export const RECORD_BYTES = 128;
/** Of the embedding within a record, in bytes. */
export const EMBEDDING_OFFSET = RECORD_BYTES - EMBEDDING_SIZE;

export interface PopularList {
  readonly ordinals: Uint32Array;
  readonly scores: Float32Array;
}

export interface World {
  readonly generation: string;
  /** sha256 over the sources the world was built from. A bundle is bound to it. */
  readonly dataFingerprint: string;
  /** Latest play in the build. */
  readonly builtThroughMs: number;
  readonly catalogue: Catalogue;
  /** Popular in the market, or everywhere for an unknown or empty market; by falling score, non-empty. */
  popular(market: string | undefined): PopularList;
}

/** A pinned world stays open until it is released, once. */
export interface PinnedWorld {
  readonly world: World;
  release(): void;
}

export interface Worlds {
  /** The current world. Throws SEGUE_UNAVAILABLE before the first is loaded. */
  pin(): PinnedWorld;
  readonly current: World | undefined;
  close(): Promise<void>;
}
