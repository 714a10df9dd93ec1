/** The tracks a listener knows from before. */
import { isAvailable, type Catalogue } from './catalogue.js';
import { clamp, drawIndex } from './draws.js';
import { liking, type Taste } from './liking.js';
import type { Market } from './markets.js';
import type { Random } from './random.js';

/** Taken out once: where tests run, in VM contexts, each look-up of a global costs more than the function. */
const { exp, floor, round, sqrt } = Math;

interface Owner extends Taste {
  readonly market: Market;
  readonly activity: number;
}

const LIBRARY_MIN = 25;
const LIBRARY_MAX = 400;
/** Tracks come across for each one that is kept. */
const TRIES_PER_TRACK = 5;

/** Ascending. Tracks are come across by popularity and by favourite artists, and kept when they are liked. */
export function createLibrary(random: Random, catalogue: Catalogue, owner: Owner): Int32Array {
  const size = clamp(round(70 * sqrt(owner.activity) * exp(0.5 * random.normal())), LIBRARY_MIN, LIBRARY_MAX);
  const artists = [...owner.favourites.keys()];
  const found = new Map<number, number>();
  for (let i = 0; i < size * TRIES_PER_TRACK; i++) {
    const track = random.chance(0.4) ? ofArtist(random, catalogue, artists) : drawIndex(random, catalogue.sums);
    if (found.has(track) || !isAvailable(catalogue.tracks[track], owner.market.name)) continue;
    found.set(track, liking(catalogue, owner, track) + 0.8 * random.gumbel());
  }
  const best = [...found].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, size);
  return Int32Array.from(best, ([track]) => track).sort();
}

/** One of an artist's tracks, the popular ones sooner. */
export function ofArtist(random: Random, catalogue: Catalogue, artists: readonly number[]): number {
  const tracks = catalogue.byArtist[artists[random.below(artists.length)]];
  return tracks[floor(tracks.length * random.uniform() ** 2)];
}

/** Whether an ascending list holds the track. */
export function holds(tracks: Int32Array, track: number): boolean {
  let low = 0;
  let high = tracks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tracks[middle] < track) low = middle + 1;
    else high = middle;
  }
  return tracks[low] === track;
}
