/** What a listener, left alone, puts on next. */
import { isAvailable } from './catalogue.js';
import { drawIndex } from './draws.js';
import { ofArtist } from './library.js';
import type { Listener } from './listeners.js';
import { Random, STREAM, streamOf } from './random.js';
import type { Simulation } from './simulation.js';
import type { ListenerState, Session } from './state.js';
import { utilityLogit } from './utility.js';

/** Tracks that come to mind, or are offered, for one decision. */
const OPTIONS = 20;
/** A little more, since short playlists propose the same track twice. */
const TRIES_MAX = 30;

export interface ChoiceOptions {
  /** How often the best of the options is missed: 0 is never; in logits. */
  readonly temperature: number;
}

/** A draw from the softmax of the options' utilities. */
export function chooseTrack(
  simulation: Simulation,
  state: ListenerState,
  session: Session,
  options: ChoiceOptions,
): number {
  const random = streamOf(simulation.seed, STREAM.choice, state.listener, state.plays);
  let best = -1;
  let bestValue = -Infinity;
  for (const track of optionsOf(random, simulation, state, session)) {
    const value = utilityLogit(simulation, state, track) + options.temperature * random.gumbel();
    if (value > bestValue) {
      best = track;
      bestValue = value;
    }
  }
  return best;
}

function optionsOf(random: Random, simulation: Simulation, state: ListenerState, session: Session): readonly number[] {
  const { catalogue } = simulation;
  const listener = simulation.listeners[state.listener];
  const found: number[] = [];
  for (let i = 0; i < TRIES_MAX && found.length < OPTIONS; i++) {
    const track = propose(random, simulation, listener, session);
    const fit = isAvailable(catalogue.tracks[track], listener.market.name) && !state.hidden.includes(track);
    // The last try is taken as it is when all others failed, so that there is always something to play.
    if ((fit && !found.includes(track)) || (found.length === 0 && i === TRIES_MAX - 1)) found.push(track);
  }
  return found;
}

function propose(random: Random, simulation: Simulation, listener: Listener, session: Session): number {
  const { catalogue } = simulation;
  const { mood } = session;
  const draw = random.uniform();
  switch (mood.kind) {
    case 'playlist':
      return mood.playlist.tracks[random.below(mood.playlist.tracks.length)];
    case 'library':
      if (draw < 0.9) return listener.library[random.below(listener.library.length)];
      break;
    case 'artist':
      if (draw < 0.9) return ofArtist(random, catalogue, [mood.artist]);
      break;
    case 'radio':
      if (draw < 0.55) return ofArtist(random, catalogue, simulation.similarArtists[mood.artist]);
      if (draw < 0.75) return listener.library[random.below(listener.library.length)];
  }
  return drawIndex(random, catalogue.sums);
}
