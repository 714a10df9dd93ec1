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

/** The latest plays, parallel, the latest last; at most `MEMORY_SIZE`. */
export interface Memory {
  readonly tracks: readonly number[];
  readonly endedAtMs: readonly number[];
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
    memory: { tracks: [], endedAtMs: [] },
    saved: [],
    hidden: [],
  };
}

/** A memory with one more play; the oldest is forgotten when it is full. */
export function remember(memory: Memory, track: number, endedAtMs: number): Memory {
  const tracks = memory.tracks.slice(1 - MEMORY_SIZE);
  const times = memory.endedAtMs.slice(1 - MEMORY_SIZE);
  tracks.push(track);
  times.push(endedAtMs);
  return { tracks, endedAtMs: times };
}
