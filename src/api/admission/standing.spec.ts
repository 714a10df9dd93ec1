import { Standing } from './standing.js';

/** Starts one each few milliseconds while others wait. @returns when the last one was */
function startEach(standing: Standing, everyMs: number, count: number, fromMs: number): number {
  for (let i = 0; i < count; i++) standing.started(fromMs + i * everyMs, true);
  return fromMs + (count - 1) * everyMs;
}

it('knows the pace of a backlog after a few requests of it, and follows it', () => {
  const standing = new Standing();
  startEach(standing, 2, 3, 1000);
  expect(standing.paceMs(1006)).toBe(0);
  let nowMs = startEach(standing, 2, 1, 1006);
  expect(standing.paceMs(nowMs + 2)).toBe(2);
  nowMs = startEach(standing, 2, 200, nowMs + 2);
  expect(standing.paceMs(nowMs + 2)).toBeCloseTo(2, 1);
  nowMs = startEach(standing, 6, 200, nowMs + 6);
  expect(standing.paceMs(nowMs + 6)).toBeCloseTo(6, 0);
  expect(standing.backlogSinceMs).toBeGreaterThan(nowMs - 64 * 6);
});

it('knows no pace of a backlog that is over, nor of requests after which none waited', () => {
  const standing = new Standing();
  const nowMs = startEach(standing, 2, 20, 0);
  standing.backlogEnded();
  expect(standing.paceMs(nowMs + 10_000)).toBe(0);
  expect(standing.backlogSinceMs).toBe(Infinity);
  for (let i = 0; i < 20; i++) standing.started(nowMs + i, false);
  expect(standing.paceMs(nowMs + 100)).toBe(0);
});

it('is overloaded for a moment once a request has waited too long', () => {
  const standing = new Standing();
  standing.missed(1000);
  expect(standing.isOverloaded(1049)).toBe(true);
  expect(standing.isOverloaded(1051)).toBe(false);
  expect(standing.widthShare(1051)).toBe(1);
});

it('is overloaded by requests that would wait too long only where they are more than a burst leaves', () => {
  const standing = new Standing();
  for (let i = 0; i < 10; i++) standing.willMiss(1000);
  expect(standing.isOverloaded(1000)).toBe(false);
  for (let i = 0; i < 10; i++) standing.willMiss(1001);
  expect(standing.isOverloaded(1001)).toBe(true);
  expect(standing.isOverloaded(1052)).toBe(false);
});
