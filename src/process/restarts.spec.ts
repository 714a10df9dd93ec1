import fc from 'fast-check';
import { Restarts } from './restarts.js';

it('waits longer each time, then gives up, and forgets after a minute', () => {
  const restarts = new Restarts(3);
  expect([0, 1, 2, 3].map((nowMs) => restarts.delayMs(nowMs))).toEqual([100, 200, 400, undefined]);
  expect(restarts.delayMs(60_003)).toBe(100);
});

it('never allows more restarts within a minute than it may', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 30_000 }), { maxLength: 100 }), fc.integer({ min: 1, max: 10 }), (gaps, max) => {
      const restarts = new Restarts(max);
      const allowed: number[] = [];
      let nowMs = 0;
      for (const gap of gaps) {
        nowMs += gap;
        if (restarts.delayMs(nowMs) !== undefined) allowed.push(nowMs);
      }
      for (const at of allowed)
        expect(allowed.filter((t) => t >= at && t < at + 60_000).length).toBeLessThanOrEqual(max);
    }),
  );
});
