import { SLICE_MS, type Slice } from '../../bench/load/recorder.js';
import { healingOf, WHOLE_MS } from '../../bench/report/healing.js';

const WHOLE = '.'.repeat(WHOLE_MS / SLICE_MS);

/** `.` a slice with full answers only, `x` one with another among them, `f` one with a failure, ` ` one without requests. */
function series(text: string): Slice[] {
  return Array.from(text, (mark) => ({
    requests: mark === ' ' ? 0 : 2,
    full: mark === '.' ? 2 : mark === ' ' ? 0 : 1,
    failed: mark === 'f' ? 1 : 0,
    late: 0,
  }));
}

describe('when a service is whole again', () => {
  it.each([
    ['at once', 'xxxx', WHOLE, 0, 0],
    ['after the answers that were less than full', 'xxxx', `xxx${WHOLE}`, 0.3, 0.3],
    ['after failures', 'xxxx', `.f${WHOLE}`, 0.2, 0.2],
    ['not while they come again and again', 'xxxx', `x${WHOLE.slice(1)}x....x${WHOLE}`, 2.6, 2.6],
    ['before a single late one, which is told', 'xxxx', `xx${WHOLE}.x..`, 0.2, 2.4],
    ['with slices without requests in between', 'xxxx', `x  ${WHOLE}`, 0.1, 0.1],
    ['never, where it did not last', 'xxxx', `x${WHOLE.slice(1)}x`, Infinity, 2.1],
  ])('%s', (_when, fault, after, seconds, lastSeconds) => {
    const text = fault + after;
    const healing = healingOf(series(`${text}xxxx`), fault.length * SLICE_MS, text.length * SLICE_MS);
    expect(healing.seconds).toBeCloseTo(seconds);
    expect(healing.lastSeconds).toBeCloseTo(lastSeconds);
  });
});
