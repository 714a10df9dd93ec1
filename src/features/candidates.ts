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
}
