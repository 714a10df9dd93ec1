/** What moves about a listener. States are values: each step returns a new one. */
import type { Listener } from './listeners.js';
import type { Playlist } from './playlists.js';

/** What a listener is up to in a session. */
export type Mood =
  | { readonly kind: 'playlist'; readonly playlist: Playlist }
  | { readonly kind: 'library' }
  | { readonly kind: 'artist'; readonly artist: number }
  | { readonly kind: 'radio'; readonly artist: number };

export interface Session {
  readonly id: string;
  readonly mood: Mood;
  readonly plays: number;
  readonly skipsInARow: number;
  /** -1 before the first play. */
  readonly lastTrack: number;
  /** The artists of the last plays, the latest first; at most three. */
  readonly lastArtists: readonly number[];
}

/** The latest plays, in no order; the first `count` slots are filled. */
export interface Memory {
  readonly count: number;
  readonly tracks: Int32Array;
  readonly endedAtMs: Float64Array;
}

export interface ListenerState {
  /** Index into the simulation's listeners. */
  readonly listener: number;
  readonly nowMs: number;
  /** Mean pause between sessions. */
  readonly pauseMs: number;
  /** Plays so far: the next one's `seq`. */
  readonly plays: number;
  /** Sessions begun so far. */
  readonly sessions: number;
  /** Undefined between sessions. */
  readonly session: Session | undefined;
  readonly memory: Memory;
  /** Tracks saved and hidden so far, the latest last; at most `LIST_MAX` each. */
  readonly saved: readonly number[];
  readonly hidden: readonly number[];
}

/** Plays that a listener remembers; older ones cause no fatigue. */
export const MEMORY_SIZE = 100;
export const LIST_MAX = 500;

/** A listener who has not heard anything yet, between sessions. */
export function startListening(listener: Listener, atMs: number): ListenerState {
  return {
    listener: listener.index,
    nowMs: atMs,
    pauseMs: listener.pauseMs,
    plays: 0,
    sessions: 0,
    session: undefined,
    memory: { count: 0, tracks: new Int32Array(MEMORY_SIZE), endedAtMs: new Float64Array(MEMORY_SIZE) },
    saved: [],
    hidden: [],
  };
}

/** A memory with one more play; the oldest is forgotten when it is full. */
export function remember(memory: Memory, plays: number, track: number, endedAtMs: number): Memory {
  const next = {
    count: Math.min(MEMORY_SIZE, memory.count + 1),
    tracks: memory.tracks.slice(),
    endedAtMs: memory.endedAtMs.slice(),
  };
  next.tracks[plays % MEMORY_SIZE] = track;
  next.endedAtMs[plays % MEMORY_SIZE] = endedAtMs;
  return next;
}
