/** When a listener comes back, and for what. */
import { INTENSITY_MAX, sessionIntensity } from './markets.js';
import type { Listener } from './listeners.js';
import { Random, STREAM, streamOf } from './random.js';
import type { Simulation } from './simulation.js';
import type { ListenerState, Mood, Session } from './state.js';

/** Proposed times of which one is taken; at the quietest hours about one in twenty is. */
const TRIES_MAX = 500;
/** No pause is longer than so many mean ones. */
const PAUSE_MAX_OF_MEAN = 3;

/** The same listener at the start of the next session, later by the pause between the two. */
export function beginSession(
  simulation: Simulation,
  state: ListenerState,
): { readonly begun: ListenerState; readonly session: Session } {
  const listener = simulation.listeners[state.listener];
  const random = streamOf(simulation.seed, STREAM.session, state.listener, state.sessions);
  const nowMs = nextVisitMs(random, listener, state);
  const session = {
    id: `${listener.id}-s${state.sessions + 1}`,
    mood: drawMood(random, simulation, listener),
    plays: 0,
    skipsInARow: 0,
    lastTrack: -1,
    lastArtists: [],
  };
  return { begun: { ...state, nowMs, sessions: state.sessions + 1, session }, session };
}

/** A Poisson process with the day's rhythm, by thinning (Lewis and Shedler 1979). */
function nextVisitMs(random: Random, listener: Listener, state: ListenerState): number {
  let atMs = state.nowMs;
  for (let i = 0; i < TRIES_MAX; i++) {
    atMs += random.exponential(state.pauseMs / INTENSITY_MAX);
    if (random.chance(sessionIntensity(listener.market, atMs) / INTENSITY_MAX)) break;
  }
  return Math.round(Math.min(atMs, state.nowMs + PAUSE_MAX_OF_MEAN * state.pauseMs));
}

function drawMood(random: Random, simulation: Simulation, listener: Listener): Mood {
  const draw = random.uniform();
  const favourites = [...listener.favourites.keys()];
  const favourite = favourites[random.below(favourites.length)];
  if (draw < 0.4) {
    const own = listener.playlists.length > 0 && random.chance(0.75);
    const playlists = own ? listener.playlists : playlistsForTaste(simulation, favourite);
    if (playlists.length > 0) return { kind: 'playlist', playlist: playlists[random.below(playlists.length)] };
  }
  if (draw < 0.65) return { kind: 'library' };
  return draw < 0.75 ? { kind: 'artist', artist: favourite } : { kind: 'radio', artist: favourite };
}

/** The editorial playlists that hold tracks of the artist's genre. */
function playlistsForTaste(simulation: Simulation, artist: number): Simulation['editorial'] {
  const { genre } = simulation.catalogue.artists[artist];
  return simulation.editorial.filter(({ tracks }) => simulation.catalogue.tracks[tracks[0]].genre === genre);
}
