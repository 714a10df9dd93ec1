/**
 * The listener's last plays, as positions among all of their plays. A listener's plays are numbered from 0; `now` is the number of
 * the play to come. Gaps are counted in plays, so that broken clocks do no harm.
 */
import { EventCode, type History, type Session } from '../listeners/listener.js';

export const WINDOW_PLAYS = 256;

/** Entry i is the play at position `now - count + i`; parallel arrays, oldest first. */
export interface PlayWindow {
  readonly now: number;
  readonly count: number;
  /** -1 where it is not known which track played. */
  readonly ordinals: Int32Array;
  /** Position of the play of the same track before; -1 where there was none. */
  readonly previous: Float64Array;
  /** What the starts since the build changed, by ordinal. */
  readonly replayed: ReadonlyMap<number, Replayed>;
  /** Starts since the build of tracks that were never played before. */
  readonly newTracks: number;
  /** Starts since the build that are still known one by one. */
  readonly knownStarts: number;
}

export interface Replayed {
  last: number;
  previous: number;
  starts: number;
  /** Smallest gap that ended since the build; Infinity without one. */
  gapMinimum: number;
  /** Index into the history, -1 for a track that is not in it. */
  readonly inHistory: number;
}

/** @param memory of at least `WINDOW_PLAYS` entries each; the window lies in it */
export function playWindow(
  history: History | undefined,
  session: Session,
  memory: { readonly ordinals: Int32Array; readonly previous: Float64Array },
): PlayWindow {
  const built = history?.totalPlays ?? 0;
  const now = built + session.playsSinceBuild;
  const count = Math.min(WINDOW_PLAYS, now);
  const base = now - count;
  const ordinals = memory.ordinals.subarray(0, count).fill(-1);
  const previous = memory.previous.subarray(0, count).fill(-1);
  if (history !== undefined && base < built) {
    for (let i = 0; i < history.ordinals.length; i++) {
      const last = history.lastIndices[i] ?? 0;
      if (last < base) continue;
      const at = last - base;
      const gap = history.gapLasts[i] ?? NaN;
      ordinals[at] = history.ordinals[i] ?? -1;
      previous[at] = gap === gap ? last - gap : -1;
    }
  }
  const replayed = new Map<number, Replayed>();
  const knownStarts = countNewStarts(session);
  let position = now - knownStarts;
  let newTracks = 0;
  for (let i = 0; i < session.count; i++) {
    if (session.types[i] !== EventCode.playStarted || session.isNew[i] !== 1) continue;
    const ordinal = session.ordinals[i] ?? -1;
    if (ordinal >= 0) {
      const track = replayed.get(ordinal) ?? fromHistory(history, ordinal);
      const before = (track.inHistory < 0 ? 0 : (history?.plays[track.inHistory] ?? 0)) + track.starts;
      if (before === 0) newTracks++;
      const at = position - base;
      if (at >= 0) {
        ordinals[at] = ordinal;
        previous[at] = track.last;
      }
      if (track.last >= 0) track.gapMinimum = Math.min(track.gapMinimum, position - track.last);
      track.previous = track.last;
      track.last = position;
      track.starts++;
      replayed.set(ordinal, track);
    }
    position++;
  }
  return { now, count, ordinals, previous, replayed, newTracks, knownStarts };
}

function countNewStarts(session: Session): number {
  let starts = 0;
  for (let i = 0; i < session.count; i++) {
    if (session.types[i] === EventCode.playStarted && session.isNew[i] === 1) starts++;
  }
  return starts;
}

function fromHistory(history: History | undefined, ordinal: number): Replayed {
  const index = history === undefined ? -1 : indexIn(history.ordinals, ordinal);
  const last = index < 0 ? -1 : (history?.lastIndices[index] ?? -1);
  return { last, previous: -1, starts: 0, gapMinimum: Infinity, inHistory: index };
}

/** Index of `wanted` in a rising list; -1 where it is not. */
export function indexIn(rising: Uint32Array, wanted: number): number {
  let low = 0;
  let high = rising.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const value = rising[middle] ?? 0;
    if (value === wanted) return middle;
    if (value < wanted) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
