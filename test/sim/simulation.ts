/** Everything about a simulation that does not move: seed, catalogue, listeners, playlists. */
import { TASTE_SIZE } from './artists.js';
import { createCatalogue, type Catalogue } from './catalogue.js';
import { createListeners, type Listener } from './listeners.js';
import { createEditorialPlaylists, type Playlist } from './playlists.js';

export interface Simulation {
  readonly seed: number;
  readonly catalogue: Catalogue;
  readonly listeners: readonly Listener[];
  readonly editorial: readonly Playlist[];
  /** For each artist the nearest of its genre, itself first. */
  readonly similarArtists: readonly (readonly number[])[];
}

const SIMILAR_MAX = 8;
/** Artists of a genre that are compared with each; keeps large catalogues linear. */
const COMPARED_MAX = 150;

/**
 * @param size tracks: 1 to 2,000,000; listeners: 1 or more
 * @throws RangeError for sizes outside
 */
export function createSimulation(
  seed: number,
  size: { readonly tracks: number; readonly listeners: number },
): Simulation {
  if (!Number.isInteger(size.listeners) || size.listeners < 1) {
    throw new RangeError(`listeners: given ${size.listeners}; allowed: a whole number from 1`);
  }
  const catalogue = createCatalogue(seed, size.tracks);
  return {
    seed,
    catalogue,
    listeners: createListeners(seed, size.listeners, catalogue),
    editorial: createEditorialPlaylists(catalogue),
    similarArtists: similarArtists(catalogue),
  };
}

function similarArtists(catalogue: Catalogue): readonly (readonly number[])[] {
  const byGenre = new Map<number, number[]>();
  catalogue.artists.forEach(({ genre }, artist) => {
    const members = byGenre.get(genre);
    if (members === undefined) byGenre.set(genre, [artist]);
    else members.push(artist);
  });
  return catalogue.artists.map(({ genre, style }, artist) => {
    const members = byGenre.get(genre) ?? [];
    const start = members.indexOf(artist);
    const compared = Math.min(members.length, COMPARED_MAX);
    const near = Array.from({ length: compared }, (_, step) => {
      const other = members[(start + step) % members.length];
      return { other, far: squaredDistance(style, catalogue.artists[other].style) };
    });
    near.sort((a, b) => a.far - b.far || a.other - b.other);
    return near.slice(0, SIMILAR_MAX).map(({ other }) => other);
  });
}

function squaredDistance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let d = 0; d < TASTE_SIZE; d++) sum += (a[d] - b[d]) ** 2;
  return sum;
}
