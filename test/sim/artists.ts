/** Artists: few with many tracks and listeners, most with few. */
import { cumulative, drawIndex, zipf } from './draws.js';
import { GENRES } from './genres.js';
import { artistName } from './names.js';
import { Random, STREAM, streamOf } from './random.js';
import { drawManner, type Manner } from './sound.js';

/** Dimensions of the space in which tastes and tracks meet. */
export const TASTE_SIZE = 8;

export interface Artist {
  readonly name: string;
  /** Index into `GENRES`. */
  readonly genre: number;
  readonly tracks: number;
  /** Relative reach, heavy-tailed. */
  readonly reach: number;
  readonly manner: Manner;
  /** `TASTE_SIZE` numbers; the genre's direction plus the artist's own. */
  readonly style: Float64Array;
  /** Year of the artist's first release. */
  readonly since: number;
}

const TRACKS_PER_ARTIST = 8;
const TRACKS_PER_ARTIST_MAX = 120;
const LAST_YEAR = 2026;

/** Artists whose numbers of tracks sum to `trackCount`. */
export function createArtists(seed: number, trackCount: number): readonly Artist[] {
  const sizes = trackCounts(seed, trackCount);
  const genreSums = cumulative(GENRES.map((genre) => genre.share));
  const names = new Set<string>();
  return sizes.map((tracks, index) => {
    const random = streamOf(seed, STREAM.artist, index);
    const genre = drawIndex(random, genreSums);
    return {
      name: uniqueName(random, names),
      genre,
      tracks,
      reach: Math.exp(1.1 * random.normal()) * Math.sqrt(tracks),
      manner: drawManner(random),
      style: styleOf(seed, genre, random),
      since: Math.round(Math.max(1955, LAST_YEAR - random.exponential(GENRES[genre].ageYears) - 2)),
    };
  });
}

function trackCounts(seed: number, trackCount: number): number[] {
  const count = Math.max(1, Math.round(trackCount / TRACKS_PER_ARTIST));
  const weights = zipf(count, 0.9, 3);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const sizes: number[] = [];
  let left = trackCount;
  for (let rank = 0; left > 0; rank++) {
    const share = rank < count ? Math.round((trackCount * weights[rank]) / total) : 1;
    const size = Math.min(left, TRACKS_PER_ARTIST_MAX, Math.max(1, share));
    sizes.push(size);
    left -= size;
  }
  return shuffled(sizes, streamOf(seed, STREAM.artist, 0xffffffff));
}

/** Fisher and Yates. */
function shuffled(values: number[], random: Random): number[] {
  for (let i = values.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [values[i], values[j]] = [values[j], values[i]];
  }
  return values;
}

function uniqueName(random: Random, taken: Set<string>): string {
  let name = artistName(random);
  for (let number = 2; taken.has(name); number++) {
    const other = artistName(random);
    name = number < 50 ? other : `${other} ${number}`;
  }
  taken.add(name);
  return name;
}

function styleOf(seed: number, genre: number, random: Random): Float64Array {
  const direction = streamOf(seed, STREAM.artist, 0xfffffffe, genre);
  const style = new Float64Array(TASTE_SIZE);
  for (let d = 0; d < TASTE_SIZE; d++) style[d] = 0.75 * direction.normal();
  for (let d = 0; d < TASTE_SIZE; d++) style[d] += 0.6 * random.normal();
  return style;
}
