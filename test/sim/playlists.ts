/** Playlists: listeners' own, around a theme, and editorial ones for everyone. */
import { TASTE_SIZE } from './artists.js';
import type { Catalogue } from './catalogue.js';
import { drawIndex } from './draws.js';
import { GENRES } from './genres.js';
import { Random, STREAM, streamOf } from './random.js';

export interface Playlist {
  /** The context id of plays from it. */
  readonly id: string;
  readonly tracks: Int32Array;
}

const OWN_MAX = 5;
const OWN_TRACKS_MIN = 12;
const OWN_TRACKS_MAX = 60;
const EDITORIAL_PER_GENRE = 3;
const EDITORIAL_TRACKS = 50;

/** Up to five, each of the library tracks nearest to a theme track, in the order they were added. */
export function createPlaylists(
  random: Random,
  catalogue: Catalogue,
  owner: string,
  library: Int32Array,
): readonly Playlist[] {
  const count = library.length < 2 * OWN_TRACKS_MIN ? 0 : random.below(OWN_MAX + 1);
  return Array.from({ length: count }, (_, index) => {
    const theme = library[random.below(library.length)];
    const size = OWN_TRACKS_MIN + random.below(Math.min(OWN_TRACKS_MAX, library.length) - OWN_TRACKS_MIN + 1);
    const near = Array.from(library, (track) => ({ track, far: distance(catalogue, theme, track) }));
    near.sort((a, b) => a.far - b.far || a.track - b.track);
    const added = near.slice(0, size).map(({ track }) => ({ track, when: random.uniform() }));
    added.sort((a, b) => a.when - b.when);
    return { id: `${owner}-p${index + 1}`, tracks: Int32Array.from(added, ({ track }) => track) };
  });
}

/** Three a genre, of its popular tracks. */
export function createEditorialPlaylists(catalogue: Catalogue): readonly Playlist[] {
  return GENRES.flatMap(({ name }, genre) => {
    const { tracks, sums } = catalogue.byGenre[genre];
    if (tracks.length === 0) return [];
    return Array.from({ length: EDITORIAL_PER_GENRE }, (_, index) => {
      const random = streamOf(catalogue.seed, STREAM.editorial, genre, index);
      const chosen = new Set<number>();
      for (let i = 0; i < EDITORIAL_TRACKS * 4 && chosen.size < EDITORIAL_TRACKS; i++) {
        chosen.add(tracks[drawIndex(random, sums)]);
      }
      return { id: `${name}-mix-${index + 1}`, tracks: Int32Array.from(chosen) };
    });
  });
}

/** Squared distance of two tracks in the space of tastes. */
export function distance(catalogue: Catalogue, first: number, second: number): number {
  let sum = 0;
  for (let d = 0; d < TASTE_SIZE; d++) {
    sum += (catalogue.style[first * TASTE_SIZE + d] - catalogue.style[second * TASTE_SIZE + d]) ** 2;
  }
  return sum;
}
