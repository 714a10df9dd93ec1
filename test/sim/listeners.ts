/** Simulated listeners: what each likes, and how each behaves. Nobody changes; what moves is in `state.ts`. */
import { TASTE_SIZE } from './artists.js';
import type { Catalogue } from './catalogue.js';
import { clamp, cumulative, drawIndex } from './draws.js';
import { createLibrary } from './library.js';
import { MARKETS, type Market } from './markets.js';
import { createPlaylists, type Playlist } from './playlists.js';
import { Random, STREAM, streamOf } from './random.js';

export interface Listener {
  readonly id: string;
  readonly index: number;
  readonly market: Market;
  /** Plays relative to the mean listener, heavy-tailed. */
  readonly activity: number;
  /** Plays in the mean session. */
  readonly sessionPlays: number;
  /** Mean pause between sessions. */
  readonly pauseMs: number;
  /** `TASTE_SIZE` numbers, of length 1. */
  readonly taste: Float64Array;
  /** Artists liked beyond what taste explains, and by how much (logit). */
  readonly favourites: ReadonlyMap<number, number>;
  /** Added for a track that is not known (logit): explorers are above 0. */
  readonly novelty: number;
  /** Lost on hearing a track again at once (logit), and how long that takes to fade. */
  readonly fatigue: number;
  readonly recoveryMs: number;
  /** Weight of a smooth transition. */
  readonly ear: number;
  /** Energy wanted at the calmest and the liveliest hour, 0 to 1, and the local hour of the latter. */
  readonly calmEnergy: number;
  readonly liveEnergy: number;
  readonly liveHour: number;
  /** Weight of that mood. */
  readonly moodiness: number;
  /** Added to every decision to go on listening (logit). */
  readonly patience: number;
  readonly saveRate: number;
  /** Tracks known and liked from before, ascending. */
  readonly library: Int32Array;
  readonly playlists: readonly Playlist[];
}

const MARKET_SUMS = cumulative(MARKETS.map((market) => market.share));
const FAVOURITES_MAX = 30;
const ACTIVITY_MAX = 15;
/** Of the mean listener. */
const PLAYS_PER_DAY = 5.4;
const DAY_MS = 86_400_000;

/** Listener `index` of the population; depends on no other listener. */
export function createListener(seed: number, index: number, catalogue: Catalogue): Listener {
  const random = streamOf(seed, STREAM.listener, index);
  const market = MARKETS[drawIndex(random, MARKET_SUMS)];
  const favourites = drawFavourites(random, catalogue);
  const activity = Math.min(ACTIVITY_MAX, Math.exp(1.05 * random.normal() - 0.55));
  const sessionPlays = clamp(9 * Math.exp(0.45 * random.normal()), 3, 40);
  const traits = {
    id: `l${(index + 1).toString().padStart(5, '0')}`,
    index,
    market,
    activity,
    sessionPlays,
    pauseMs: (DAY_MS * sessionPlays) / (PLAYS_PER_DAY * activity),
    taste: tasteOf(random, catalogue, favourites),
    favourites,
    novelty: -0.35 + 0.5 * random.normal(),
    fatigue: 2.8 * Math.exp(0.4 * random.normal()),
    recoveryMs: 20 * 3_600_000 * Math.exp(0.7 * random.normal()),
    ear: Math.exp(0.5 * random.normal()),
    calmEnergy: clamp(0.4 + 0.12 * random.normal(), 0.1, 0.7),
    liveEnergy: clamp(0.72 + 0.12 * random.normal(), 0.3, 0.95),
    liveHour: (17.5 + 3 * random.normal() + 24) % 24,
    moodiness: 4 * Math.exp(0.5 * random.normal()),
    patience: 0.55 * random.normal(),
    saveRate: 0.03 * Math.exp(0.8 * random.normal()),
  };
  const library = createLibrary(streamOf(seed, STREAM.library, index), catalogue, traits);
  const playlists = createPlaylists(streamOf(seed, STREAM.playlists, index), catalogue, traits.id, library);
  return { ...traits, library, playlists };
}

export function createListeners(seed: number, count: number, catalogue: Catalogue): readonly Listener[] {
  return Array.from({ length: count }, (_, index) => createListener(seed, index, catalogue));
}

/** Artists of a few genres, by popularity. */
function drawFavourites(random: Random, catalogue: Catalogue): ReadonlyMap<number, number> {
  const favourites = new Map<number, number>();
  const filled = catalogue.byGenre.filter((genre) => genre.tracks.length > 0);
  const weights = cumulative(filled.map((genre) => genre.sums[genre.sums.length - 1]));
  const genres = Array.from({ length: 1 + random.below(4) }, () => filled[drawIndex(random, weights)]);
  const wanted = clamp(Math.round(8 * Math.exp(0.5 * random.normal())), 3, FAVOURITES_MAX);
  for (let i = 0; i < wanted; i++) {
    const genre = genres[Math.floor(genres.length * random.uniform() ** 2)];
    const track = genre.tracks[drawIndex(random, genre.sums)];
    const liking = 0.4 + 0.5 * Math.abs(random.normal());
    const { artist } = catalogue.tracks[track];
    favourites.set(artist, Math.min(2, (favourites.get(artist) ?? 0) + liking));
  }
  return favourites;
}

/** The direction of the favourites, blurred. */
function tasteOf(random: Random, catalogue: Catalogue, favourites: ReadonlyMap<number, number>): Float64Array {
  const taste = new Float64Array(TASTE_SIZE);
  for (const [artist, liking] of favourites) {
    const { style } = catalogue.artists[artist];
    for (let d = 0; d < TASTE_SIZE; d++) taste[d] += liking * style[d];
  }
  let length = 0;
  for (let d = 0; d < TASTE_SIZE; d++) length += (taste[d] += 0.8 * random.normal()) ** 2;
  for (let d = 0; d < TASTE_SIZE; d++) taste[d] /= Math.sqrt(length);
  return taste;
}
