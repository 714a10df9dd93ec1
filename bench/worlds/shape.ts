/** Synthetic worlds of the bench: how large, and what they are called. */

export interface WorldShape {
  readonly tracks: number;
  readonly listeners: number;
}

/** Raised when other rows are written, so that none of before is used again. */
const REVISION = 2;

export const SYNTHETIC_GENERATION = 'bench';

export function worldName({ tracks, listeners }: WorldShape): string {
  return `r${REVISION}-${tracks}-tracks-${listeners}-listeners`;
}

/** 22 characters, as ids of the large services have. */
export function syntheticTrackId(ordinal: number): string {
  return `track-${ordinal.toString(36).padStart(16, '0')}`;
}

export function syntheticListenerId(index: number): string {
  return `listener-${index.toString(36).padStart(8, '0')}`;
}
