import { deadlineOf } from './deadline.js';

const CLOCK = { now: () => 1_000, wallMs: () => 1_700_000_000_000 };
const IN_50_MS = CLOCK.wallMs() + 50;

it('a deadline is moved to the monotonic clock', () => {
  expect(deadlineOf(IN_50_MS, 0, CLOCK)).toBe(1_050);
  expect(deadlineOf(new Date(IN_50_MS), 0, CLOCK)).toBe(1_050);
  expect(deadlineOf(Infinity, 0, CLOCK)).toBeUndefined();
});

it('the time in which a call may have waited to be read is taken off', () => {
  expect(deadlineOf(IN_50_MS, 30, CLOCK)).toBe(1_020);
});

it('a call that may be late is given a moment, one that is late for sure is not', () => {
  expect(deadlineOf(IN_50_MS, 60, CLOCK)).toBe(1_001);
  expect(deadlineOf(CLOCK.wallMs() - 5, 60, CLOCK)).toBe(995);
});
