/** The simulated catalogue: what is true of each track, and what of it is published. */
import { createArtists, TASTE_SIZE, type Artist } from './artists.js';
import { clamp, cumulative, zipf } from './draws.js';
import { GENRES } from './genres.js';
import { MARKETS } from './markets.js';
import { trackTitle } from './names.js';
import { Random, STREAM, streamOf } from './random.js';
import { drawSound, type Sound } from './sound.js';

export interface Track {
  readonly id: string;
  readonly title: string;
  /** Index into `artists`. */
  readonly artist: number;
  readonly genre: number;
  readonly sound: Sound;
  readonly releaseYear: number;
  readonly explicit: boolean;
  /** Names of markets; empty = everywhere. */
  readonly markets: readonly string[];
  /** How good it is to everyone, about 0. */
  readonly quality: number;
  /** Relative weight of being come across, heavy-tailed. */
  readonly popularity: number;
  /** Whether the audio analysis, and the release year, are published. */
  readonly analysed: boolean;
  readonly dated: boolean;
}

export interface Catalogue {
  readonly seed: number;
  readonly tracks: readonly Track[];
  readonly artists: readonly Artist[];
  /** Tracks of each artist, the most popular first. */
  readonly byArtist: readonly (readonly number[])[];
  /** Tracks of each genre, and the running sums of their popularity. */
  readonly byGenre: readonly { readonly tracks: readonly number[]; readonly sums: Float64Array }[];
  /** Running sums of popularity over all tracks. */
  readonly sums: Float64Array;
  /** `TASTE_SIZE` numbers a track. */
  readonly style: Float64Array;
}

const LAST_YEAR = 2026;
const TRACKS_MAX = 2_000_000;

/**
 * @param seed any whole number
 * @param size number of tracks, 1 to 2,000,000
 * @throws RangeError for a size outside
 */
export function createCatalogue(seed: number, size: number): Catalogue {
  if (!Number.isInteger(size) || size < 1 || size > TRACKS_MAX) {
    throw new RangeError(`tracks: given ${size}; allowed: a whole number from 1 to ${TRACKS_MAX}`);
  }
  const artists = createArtists(seed, size);
  const tracks: Track[] = [];
  const byArtist: number[][] = [];
  const style = new Float64Array(size * TASTE_SIZE);
  artists.forEach((artist, index) => {
    const own: number[] = [];
    const ranks = zipf(artist.tracks, 0.8);
    for (let rank = 0; rank < artist.tracks; rank++) {
      const number = tracks.length;
      const random = streamOf(seed, STREAM.track, number);
      tracks.push(createTrack(random, number, index, artist, ranks[rank]));
      for (let d = 0; d < TASTE_SIZE; d++) {
        style[number * TASTE_SIZE + d] = artist.style[d] + 0.35 * random.normal();
      }
      own.push(number);
    }
    own.sort((a, b) => tracks[b].popularity - tracks[a].popularity || a - b);
    byArtist.push(own);
  });
  const byGenre = GENRES.map((_, genre) => {
    const members = tracks.flatMap((track, number) => (track.genre === genre ? [number] : []));
    return { tracks: members, sums: cumulative(members.map((number) => tracks[number].popularity)) };
  });
  const sums = cumulative(tracks.map((track) => track.popularity));
  return { seed, tracks, artists, byArtist, byGenre, sums, style };
}

function createTrack(random: Random, number: number, artistIndex: number, artist: Artist, rankShare: number): Track {
  const genre = GENRES[artist.genre];
  const quality = 0.5 * random.normal();
  const popularity = artist.reach * rankShare * Math.exp(0.6 * quality + 0.5 * random.normal());
  // Rarely played tracks are analysed less often, as in real catalogues.
  const analysed = random.chance(clamp(0.84 + 0.05 * Math.log(popularity), 0.55, 0.96));
  return {
    id: `t${(number + 1).toString().padStart(5, '0')}`,
    title: trackTitle(random),
    artist: artistIndex,
    genre: artist.genre,
    sound: drawSound(random, genre, artist.manner),
    releaseYear: Math.min(LAST_YEAR, artist.since + Math.floor(random.uniform() * (LAST_YEAR - artist.since + 1))),
    explicit: random.chance(genre.explicitShare),
    markets: drawMarkets(random),
    quality,
    popularity,
    analysed,
    dated: random.chance(0.95),
  };
}

function drawMarkets(random: Random): readonly string[] {
  if (random.chance(0.93)) return [];
  const left = random.below(MARKETS.length);
  const names = MARKETS.map((market) => market.name);
  return random.chance(0.6) ? names.filter((_, index) => index !== left) : [names[left]];
}

export function isAvailable(track: Track, market: string): boolean {
  return track.markets.length === 0 || track.markets.includes(market);
}
