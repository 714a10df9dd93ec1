/** What a listener thinks of a track at any time: taste, artist, quality, and a whim of its own for each pair. */
import { TASTE_SIZE } from './artists.js';
import type { Catalogue } from './catalogue.js';
import { pairEffect } from './random.js';

export interface Taste {
  readonly index: number;
  readonly taste: Float64Array;
  readonly favourites: ReadonlyMap<number, number>;
}

/** Logit; about 0 for a track that means nothing to the listener, 2 to 4 for a favourite. */
export function liking(catalogue: Catalogue, listener: Taste, track: number): number {
  let match = 0;
  for (let d = 0, at = track * TASTE_SIZE; d < TASTE_SIZE; d++) match += listener.taste[d] * catalogue.style[at + d];
  const { artist, quality } = catalogue.tracks[track];
  const favourite = listener.favourites.get(artist) ?? 0;
  return 0.9 * match + favourite + 0.7 * quality + 0.5 * pairEffect(catalogue.seed, listener.index, track);
}
