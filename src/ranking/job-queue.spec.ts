import fc from 'fast-check';
import { JobQueue } from './job-queue.js';

describe('the queue of waiting work', () => {
  it('gives the earliest deadline first; among equals, the first that came', () => {
    const deadline = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constant(Infinity));
    fc.assert(
      fc.property(fc.array(deadline, { maxLength: 50 }), (deadlines) => {
        const queue = new JobQueue<{ deadlineMs: number; came: number }>(50);
        deadlines.forEach((deadlineMs, came) => queue.add({ deadlineMs, came }));
        const taken = deadlines.map(() => queue.take(() => true));
        const expected = deadlines
          .map((deadlineMs, came) => ({ deadlineMs, came }))
          .sort((a, b) => (a.deadlineMs === b.deadlineMs ? a.came - b.came : a.deadlineMs - b.deadlineMs));
        expect(taken).toEqual(expected);
      }),
    );
  });

  it('is bounded, and takes only what is wanted', () => {
    const queue = new JobQueue<{ deadlineMs: number; key: string }>(2);
    const later = { deadlineMs: 2, key: 'b' };
    expect([queue.add({ deadlineMs: 1, key: 'a' }), queue.add(later), queue.add(later)]).toEqual([true, true, false]);
    expect(queue.take(({ key }) => key === 'b')).toBe(later);
    expect(queue.take(({ key }) => key === 'b')).toBeUndefined();
    expect(queue.length).toBe(1);
  });
});
