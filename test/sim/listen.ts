/** Steps of a listener: state in, event and new state out. */
import { chooseTrack } from './choice.js';
import { drawOutcome, type Outcome } from './outcome.js';
import { STREAM, streamOf } from './random.js';
import { beginSession } from './sessions.js';
import type { Simulation } from './simulation.js';
import { durationMs } from './sound.js';
import { LIST_MAX, remember, type ListenerState, type Session } from './state.js';

/** One track that a listener started. */
export interface Play extends Outcome {
  /** Index into the simulation's listeners. */
  readonly listener: number;
  /** Number of this play among the listener's own, from 0. */
  readonly seq: number;
  readonly startedAtMs: number;
  /** Index into the catalogue's tracks. */
  readonly track: number;
  readonly sessionId: string;
  /** The playlist it came from. */
  readonly contextId: string | undefined;
}

export interface Step {
  readonly play: Play;
  readonly state: ListenerState;
}

/** The mean listener plays the best option about half of the time. */
const TEMPERATURE = 0.8;
const PAUSE_MAX_MS = 3_000;

/** Open loop: the listener plays a track of their own choice, in a new session when there is none. */
export function nextPlay(simulation: Simulation, state: ListenerState, temperature = TEMPERATURE): Step {
  const { begun, session } = inSession(simulation, state);
  const track = chooseTrack(simulation, begun, session, { temperature });
  return play(simulation, begun, session, track, true);
}

/**
 * Closed loop: a service chose. A slate is heard from its top, track by track, until the session ends or the slate does.
 *
 * @param choice one track, or a slate; indexes into the catalogue
 * @returns no plays for an empty slate
 */
export function respond(
  simulation: Simulation,
  state: ListenerState,
  choice: number | readonly number[],
): { readonly plays: readonly Play[]; readonly state: ListenerState } {
  const slate = typeof choice === 'number' ? [choice] : choice;
  const plays: Play[] = [];
  let current = state;
  for (const track of slate) {
    const { begun, session } = inSession(simulation, current);
    const step = play(simulation, begun, session, track, false);
    plays.push(step.play);
    current = step.state;
    if (current.session === undefined) break;
  }
  return { plays, state: current };
}

/** The state as it is in a session, begun now if there is none. */
export function inSession(
  simulation: Simulation,
  state: ListenerState,
): { readonly begun: ListenerState; readonly session: Session } {
  if (state.session !== undefined) return { begun: state, session: state.session };
  return beginSession(simulation, state);
}

function play(simulation: Simulation, state: ListenerState, session: Session, track: number, own: boolean): Step {
  const { outcome, playedMs, saved, hidden } = drawOutcome(simulation, state, track);
  const random = streamOf(simulation.seed, STREAM.session, state.listener, state.plays, 1);
  const endedAtMs = state.nowMs + playedMs;
  const { artist, sound } = simulation.catalogue.tracks[track];
  const skipsInARow = playedMs < durationMs(sound) ? session.skipsInARow + 1 : 0;
  const leaves = random.chance(1 / simulation.listeners[state.listener].sessionPlays + 0.02 * skipsInARow ** 2);
  const contextId = own && session.mood.kind === 'playlist' ? session.mood.playlist.id : undefined;
  // Written out: object spread is ten times slower, and this runs once a play.
  return {
    play: {
      listener: state.listener,
      seq: state.plays,
      startedAtMs: state.nowMs,
      track,
      sessionId: session.id,
      contextId,
      outcome,
      playedMs,
      saved,
      hidden,
    },
    state: {
      listener: state.listener,
      nowMs: endedAtMs + random.below(PAUSE_MAX_MS),
      pauseMs: state.pauseMs,
      plays: state.plays + 1,
      sessions: state.sessions,
      session: leaves ? undefined : after(session, track, artist, skipsInARow),
      memory: remember(state.memory, track, endedAtMs),
      saved: saved ? [...state.saved, track].slice(-LIST_MAX) : state.saved,
      hidden: hidden ? [...state.hidden, track].slice(-LIST_MAX) : state.hidden,
    },
  };
}

function after(session: Session, track: number, artist: number, skipsInARow: number): Session {
  return {
    id: session.id,
    mood: session.mood,
    plays: session.plays + 1,
    skipsInARow,
    lastTrack: track,
    lastArtists: [artist, ...session.lastArtists].slice(0, 3),
  };
}
