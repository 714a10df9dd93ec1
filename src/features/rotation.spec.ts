import type { PlayWindow } from './play-window.js';
import { fillFronts, frontsOf } from './rotation.js';

/** A queue of ten tracks, played in the same order again: the last five plays repeat positions 0 to 4. */
const QUEUE: PlayWindow = {
  now: 15,
  count: 15,
  ordinals: Int32Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4]),
  previous: Float64Array.from([-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 1, 2, 3, 4]),
  replayed: new Map(),
  newTracks: 0,
  knownStarts: 0,
};

/** The columns of one candidate whose last play is at `last`. */
function fronts(ordinal: number, last: number): { near: number; wideLn: number; nearest: number } {
  const columns = {
    last: Int32Array.of(last),
    frontNear: new Float32Array(1),
    frontWideLn: new Float32Array(1),
    frontNearest: new Float32Array(1),
  };
  fillFronts(frontsOf(QUEUE), { count: 1, ordinals: Uint32Array.of(ordinal) }, columns);
  const { frontNear, frontWideLn, frontNearest } = columns;
  return { near: frontNear[0], wideLn: frontWideLn[0], nearest: frontNearest[0] };
}

describe('rotation fronts', () => {
  it('find the track due that comes next in the queue', () => {
    const scores = [5, 6, 7, 8, 9].map((last) => fronts(last, last).near);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
  });

  it('tell how far the nearest one is', () => {
    expect(fronts(7, 7).nearest).toBe(3);
  });

  it('do not count the plays of the track itself', () => {
    expect(fronts(4, 14).near).toBeLessThan(fronts(99, 14).near);
  });

  it('are missing for a track never played', () => {
    expect(fronts(50, -1)).toEqual({ near: NaN, wideLn: NaN, nearest: NaN });
  });
});
