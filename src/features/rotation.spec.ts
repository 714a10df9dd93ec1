import type { PlayWindow } from './play-window.js';
import { FRONT, FRONT_VALUES, RotationFronts } from './rotation.js';

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

function near(ordinal: number, last: number): Float32Array {
  const out = new Float32Array(FRONT_VALUES);
  new RotationFronts(QUEUE).at(ordinal, last, out, 0);
  return out;
}

describe('RotationFronts', () => {
  it('finds the track due that comes next in the queue', () => {
    const scores = [5, 6, 7, 8, 9].map((last) => near(last, last)[FRONT.near]);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
  });

  it('tells how far the nearest front is', () => {
    expect(near(7, 7)[FRONT.nearest]).toBe(3);
  });

  it('does not count the plays of the track itself', () => {
    expect(near(4, 14)[FRONT.near]).toBeLessThan(near(99, 14)[FRONT.near]);
  });
});
