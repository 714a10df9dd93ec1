/**
 * Rotation: stations and playlists are often played as queues, in the order in which the tracks were last heard. Each recent play
 * shows how far a queue has come: it played a track whose play before was at position p, `age` plays ago, so that queue now
 * stands near p + age. A candidate is due when its own last play is near such a front.
 */
import type { PlayWindow } from './play-window.js';

/** Recent plays that show a front. */
const FRONT_PLAYS = 24;

/** Values that `at` writes, in this order. */
export const FRONT = {
  /** How many fronts stand within about 4 and about 15 plays of the candidate. */
  near: 0,
  wide: 1,
  /** Signed distance from the nearest front, without its age; NaN without any. */
  nearest: 2,
} as const;
export const FRONT_VALUES = 3;

/** Reads the window once, so that each candidate costs one pass over at most 24 numbers. */
export class RotationFronts {
  private readonly positions = new Float64Array(FRONT_PLAYS);
  private readonly ages = new Float64Array(FRONT_PLAYS);
  private readonly ordinals = new Int32Array(FRONT_PLAYS);
  private count = 0;

  constructor(window: PlayWindow) {
    const from = Math.max(0, window.count - FRONT_PLAYS);
    for (let i = from; i < window.count; i++) {
      const previous = window.previous[i] ?? -1;
      if (previous < 0) continue;
      this.positions[this.count] = previous;
      this.ages[this.count] = window.count - 1 - i;
      this.ordinals[this.count] = window.ordinals[i] ?? -1;
      this.count++;
    }
  }

  /** Writes the values of FRONT from `offset` on. @param last position of the candidate's last play, at least 0 */
  at(ordinal: number, last: number, out: Float32Array, offset: number): void {
    let near = 0;
    let wide = 0;
    let nearest = NaN;
    for (let i = 0; i < this.count; i++) {
      if (this.ordinals[i] === ordinal) continue;
      const distance = last - (this.positions[i] ?? 0);
      const off = distance - (this.ages[i] ?? 0);
      near += 1 / (1 + (off * off) / 16);
      wide += 1 / (1 + (off * off) / 225);
      if (!(Math.abs(distance) >= Math.abs(nearest))) nearest = distance;
    }
    out[offset + FRONT.near] = near;
    out[offset + FRONT.wide] = wide;
    out[offset + FRONT.nearest] = nearest;
  }
}
