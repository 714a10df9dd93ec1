/** A play of the past, as a source file tells it. */

export interface Play {
  readonly listenerId: string;
  readonly trackId: string;
  /** Epoch milliseconds of its start. */
  readonly atMs: number;
  /** '' where the file names none, as `contextId`. */
  readonly market: string;
  readonly contextId: string;
  /** NaN where not known. */
  readonly playedMs: number;
  /** '' where not known. */
  readonly outcome: 'completed' | 'skipped' | '';
  /** Undefined where the file has no such column. */
  readonly saved: boolean | undefined;
}

/** The plays of each listener in the order in which they were heard. */
export type PlaysByListener = ReadonlyMap<string, readonly Play[]>;

export interface Turn {
  readonly play: Play;
  /** Place among the listener's plays, from 0. */
  readonly index: number;
  /** Place among the plays of all listeners, from 0. */
  readonly turn: number;
}

/**
 * The plays of all listeners by time, each listener's in their own order: where that order and the clock disagree, a play counts
 * as late as the latest before it. Ties by listener.
 */
export function inTurn(plays: PlaysByListener): Turn[] {
  const turns: { play: Play; index: number; dueMs: number; listener: number }[] = [];
  let listener = 0;
  for (const own of plays.values()) {
    let dueMs = -Infinity;
    own.forEach((play, index) => {
      dueMs = Math.max(dueMs, play.atMs);
      turns.push({ play, index, dueMs, listener });
    });
    listener++;
  }
  turns.sort((a, b) => a.dueMs - b.dueMs || a.listener - b.listener || a.index - b.index);
  return turns.map(({ play, index }, turn) => ({ play, index, turn }));
}

export function countOf(plays: PlaysByListener): number {
  let count = 0;
  for (const own of plays.values()) count += own.length;
  return count;
}
