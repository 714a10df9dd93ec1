import { SLICE_MS, type Slice } from '../../bench/load/recorder.js';
import { healSeconds } from '../../bench/report/healing.js';

/** `.` a slice with full answers only, `x` one with another among them, `f` one with a failure, ` ` one without requests. */
function series(text: string): Slice[] {
  return Array.from(text, (mark) => ({
    requests: mark === ' ' ? 0 : 2,
    full: mark === '.' ? 2 : mark === ' ' ? 0 : 1,
    failed: mark === 'f' ? 1 : 0,
  }));
}

describe('when a service is whole again', () => {
  it.each([
    ['at once', '....xxxx........', 8, 16, 0],
    ['after the last answer that was less than full', '....xxxxx..x....', 8, 16, 0.4],
    ['after the last failure', '....xxxxf.......', 8, 16, 0.1],
    ['not before the fault ended, nor after the time that is looked at', 'xxxxxxxx........xxxx', 8, 16, 0],
    ['with slices without requests in between', '....xxxxx  .....', 8, 16, 0.1],
    ['never, where the last slice is not whole', '....xxxx.......x', 8, 16, Infinity],
  ])('%s', (_when, text, healed, until, seconds) => {
    expect(healSeconds(series(text), healed * SLICE_MS, until * SLICE_MS)).toBeCloseTo(seconds);
  });
});
