/** Steps of a listener: state in, event and new state out. */
import { chooseTrack } from './choice.js';
import { drawOutcome, type Outcome } from './outcome.js';
import { STREAM, streamOf } from './random.js';
import { beginSession } from './sessions.js';
import type { Simulation } from './simulation.js';
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
  const ready = inSession(simulation, state);
  const track = chooseTrack(simulation, ready, ready.session, { temperature });
  return play(simulation, ready, track, true);
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
    const step = play(simulation, inSession(simulation, current), track, false);
    plays.push(step.play);
    current = step.state;
    if (current.session === undefined) break;
  }
  return { plays, state: current };
}

type InSession = ListenerState & { readonly session: Session };

/** The state as it is in a session, begun now if there is none. */
export function inSession(simulation: Simulation, state: ListenerState): InSession {
  const { session } = state;
  if (session !== undefined) return { ...state, session };
  const begun = beginSession(simulation, state);
  if (begun.session === undefined) throw new Error('a begun session is missing');
  return { ...begun, session: begun.session };
}

function play(simulation: Simulation, state: InSession, track: number, own: boolean): Step {
  const { session } = state;
  const outcome = drawOutcome(simulation, state, track);
  const random = streamOf(simulation.seed, STREAM.session, state.listener, state.plays, 1);
  const endedAtMs = state.nowMs + outcome.playedMs;
  const skipped = outcome.playedMs < 1000 * simulation.catalogue.tracks[track].sound.durationS - 1;
  const skipsInARow = skipped ? session.skipsInARow + 1 : 0;
  const listener = simulation.listeners[state.listener];
  const leaves = random.chance(1 / listener.sessionPlays + 0.02 * skipsInARow ** 2);
  const { mood } = session;
  return {
    play: {
      listener: state.listener,
      seq: state.plays,
      startedAtMs: state.nowMs,
      track,
      sessionId: session.id,
      contextId: own && mood.kind === 'playlist' ? mood.playlist.id : undefined,
      ...outcome,
    },
    state: {
      ...state,
      nowMs: endedAtMs + random.below(PAUSE_MAX_MS),
      plays: state.plays + 1,
      session: leaves ? undefined : after(session, track, simulation.catalogue.tracks[track].artist, skipsInARow),
      memory: remember(state.memory, state.plays, track, endedAtMs),
      saved: outcome.saved ? [...state.saved, track].slice(-LIST_MAX) : state.saved,
      hidden: outcome.hidden ? [...state.hidden, track].slice(-LIST_MAX) : state.hidden,
    },
  };
}

function after(session: Session, track: number, artist: number, skipsInARow: number): Session {
  return {
    ...session,
    plays: session.plays + 1,
    skipsInARow,
    lastTrack: track,
    lastArtists: [artist, ...session.lastArtists].slice(0, 3),
  };
}
