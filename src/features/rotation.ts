/**
 * Rotation: stations and playlists are often played as queues, in the order in which the tracks were last heard. Each recent play
 * shows how far a queue has come: it played a track whose play before was at position p, `age` plays ago, so that queue now
 * stands near p + age. A candidate is due when its own last play is near such a front.
 */
import type { Candidates } from './candidates.js';
import { ln } from './ln.js';
import type { PlayWindow } from './play-window.js';

/** Recent plays that show a front. */
const FRONT_PLAYS = 24;

/** Distances from a front, in plays, that `near` and `wide` fall to a half at. */
const NEAR_PLAYS = 4;
const WIDE_PLAYS = 15;

/** A front counts 1 where it stands at the candidate, and less by the square of the distance; farther off than the tables it counts 0. */
const REACH = 4_096;
const NEAR = Float64Array.from({ length: REACH }, (_, off) => 1 / (1 + (off / NEAR_PLAYS) ** 2));
const WIDE = Float64Array.from({ length: REACH }, (_, off) => 1 / (1 + (off / WIDE_PLAYS) ** 2));

/** The fronts that a window shows: parallel arrays of `count`. */
export interface Fronts {
  readonly count: number;
  /** Position of the play before. */
  readonly positions: Int32Array;
  readonly ages: Int32Array;
  readonly ordinals: Int32Array;
}

const positions = new Int32Array(FRONT_PLAYS);
const ages = new Int32Array(FRONT_PLAYS);
const ordinals = new Int32Array(FRONT_PLAYS);

/** In memory that is used again: valid until the next call. */
export function frontsOf(window: PlayWindow): Fronts {
  let count = 0;
  for (let i = Math.max(0, window.count - FRONT_PLAYS); i < window.count; i++) {
    const previous = window.previous[i];
    if (previous < 0) continue;
    positions[count] = previous;
    ages[count] = window.count - 1 - i;
    ordinals[count] = window.ordinals[i];
    count++;
  }
  return { count, positions, ages, ordinals };
}

/** By slot. */
export interface FrontColumns {
  readonly last: Int32Array;
  readonly frontNear: Float32Array;
  readonly frontWideLn: Float32Array;
  readonly frontNearest: Float32Array;
}

/**
 * Fills the columns `frontNear` and `frontWideLn`, how many fronts stand within about 4 plays of the candidate and ln of how many
 * within about 15, and `frontNearest`, the signed distance from the nearest front without its age. Reads the columns of the listener's plays. A
 * track's own plays are no fronts for it.
 */
export function fillFronts(
  { count, positions, ages, ordinals }: Fronts,
  candidates: Pick<Candidates, 'count' | 'ordinals'>,
  { last: lasts, frontNear, frontWideLn, frontNearest }: FrontColumns,
): void {
  for (let slot = 0; slot < candidates.count; slot++) {
    const last = lasts[slot];
    let near = NaN;
    let wide = NaN;
    let nearest = NaN;
    if (last >= 0) {
      const ordinal = candidates.ordinals[slot];
      let least = Infinity;
      near = 0;
      wide = 0;
      for (let i = 0; i < count; i++) {
        if (ordinals[i] === ordinal) continue;
        const distance = last - positions[i];
        const off = Math.abs(distance - ages[i]);
        if (off < REACH) {
          near += NEAR[off];
          wide += WIDE[off];
        }
        const apart = Math.abs(distance);
        if (apart < least) {
          least = apart;
          nearest = distance;
        }
      }
    }
    frontNear[slot] = near;
    frontWideLn[slot] = ln(wide + 0.3);
    frontNearest[slot] = nearest;
  }
}
