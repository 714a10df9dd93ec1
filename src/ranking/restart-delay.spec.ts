import { RestartDelay } from './restart-delay.js';

describe('the delay before a worker is replaced', () => {
  it('is nothing at first, doubles within a minute up to ten seconds, and is forgotten after it', () => {
    let nowMs = 0;
    const delay = new RestartDelay(() => nowMs);
    expect(Array.from({ length: 10 }, () => delay.next())).toEqual([
      0, 50, 150, 350, 750, 1550, 3150, 6350, 10_000, 10_000,
    ]);
    nowMs = 60_000;
    expect(delay.next()).toBe(0);
  });
});
