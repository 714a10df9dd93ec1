import fc from 'fast-check';
import { TokenBucket } from './token-bucket.js';

it('lets a burst pass, then one for each drip, and says how long to wait', () => {
  const bucket = new TokenBucket(10, 3);
  expect([0, 0, 0].map((ms) => bucket.take(ms))).toEqual([0, 0, 0]);
  expect(bucket.take(0)).toBeCloseTo(100);
  expect(bucket.take(60)).toBeCloseTo(40);
  expect(bucket.take(100)).toBe(0);
  expect(bucket.take(100)).toBeCloseTo(100);
});

it('is full again after a pause, and never fuller', () => {
  const bucket = new TokenBucket(10, 3);
  for (let i = 0; i < 3; i++) bucket.take(0);
  const taken = Array.from({ length: 5 }, () => bucket.take(60_000));
  expect(taken.filter((ms) => ms === 0)).toHaveLength(3);
});

it('gives nothing more when the clock stands still or goes back', () => {
  const bucket = new TokenBucket(1000, 1);
  expect(bucket.take(50)).toBe(0);
  expect(bucket.take(50)).toBeGreaterThan(0);
  expect(bucket.take(10)).toBeGreaterThan(0);
});

it('lets no more pass than the rate and the burst, whenever requests come, and whoever waits as told passes', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 500 }),
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 200 }),
      (perSecond, burst, pausesMs) => {
        const bucket = new TokenBucket(perSecond, burst);
        let nowMs = 0;
        let passed = 0;
        for (const pauseMs of pausesMs) {
          nowMs += pauseMs;
          const waitMs = bucket.take(nowMs);
          if (waitMs === 0) passed++;
          else {
            nowMs += waitMs + 1e-6;
            expect(bucket.take(nowMs)).toBe(0);
            passed++;
          }
        }
        expect(passed).toBeLessThanOrEqual(burst + (nowMs / 1000) * perSecond + 1e-6);
      },
    ),
  );
});
