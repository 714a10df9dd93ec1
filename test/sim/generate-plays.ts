/** Plays of a whole population over a window of time, nobody steering: what a service logs before there is a recommender. */
import { apportion } from './draws.js';
import type { Listener } from './listeners.js';
import { nextPlay, type Play } from './listen.js';
import { STREAM, streamOf } from './random.js';
import type { Simulation } from './simulation.js';
import { startListening } from './state.js';

export interface PlaysWindow {
  /** Plays in all, shared among listeners by their activity; at least one for each, where they suffice. */
  readonly plays: number;
  readonly startMs: number;
  /** About how long it takes; the last sessions may reach over the end. */
  readonly days: number;
}

const DAY_MS = 86_400_000;
/** Of listeners whose plays did not fit into the window. */
const PAUSE_MIN_MS = 6 * 3_600_000;
/** Share of listeners who join after the window began, at a moment in its first nine tenths. */
const LATE_SHARE = 0.15;

/** By listener, then in the order they were heard. */
export function* generatePlays(simulation: Simulation, window: PlaysWindow): Generator<Play> {
  const late = simulation.listeners.map(({ index }) => {
    const random = streamOf(simulation.seed, STREAM.session, index);
    return random.chance(LATE_SHARE) ? 0.9 * random.uniform() : 0;
  });
  const weights = simulation.listeners.map(({ activity }, index) => activity * (1 - late[index]));
  const each = window.plays < weights.length ? 0 : 1;
  const counts = apportion(window.plays - each * weights.length, weights).map((count) => count + each);
  for (const listener of simulation.listeners) {
    const startMs = window.startMs + window.days * late[listener.index] * DAY_MS;
    const endMs = window.startMs + window.days * DAY_MS;
    let state = startListening(listener, startMs);
    for (let left = counts[listener.index]; left > 0; left--) {
      if (state.session === undefined) state = { ...state, pauseMs: pauseFor(listener, left, endMs - state.nowMs) };
      const step = nextPlay(simulation, state);
      yield step.play;
      state = step.state;
    }
  }
}

/** Mean pause by which the plays that are left end with the window; skips make sessions shorter than their mean. */
function pauseFor(listener: Listener, playsLeft: number, leftMs: number): number {
  const sessionsLeft = (1.25 * playsLeft) / listener.sessionPlays;
  return Math.max(leftMs, PAUSE_MIN_MS) / (sessionsLeft + 2);
}
