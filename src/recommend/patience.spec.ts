import { Patience } from './patience.js';

const ALLOWED_MS = 45;
const BRIEF_MS = 10;

describe('Patience', () => {
  let patience: Patience;
  const miss = (times: number, nowMs: number): void => {
    for (let i = 0; i < times; i++) patience.learn(false, nowMs);
  };

  beforeEach(() => {
    patience = new Patience();
  });

  it('waits as long as allowed while answers come', () => {
    for (let i = 0; i < 50; i++) {
      patience.learn(i % 8 === 0, i);
      expect(patience.limit(ALLOWED_MS, i)).toBe(ALLOWED_MS);
    }
  });

  it('waits briefly once nothing came, and never longer than allowed', () => {
    miss(8, 0);
    expect(patience.limit(ALLOWED_MS, 1)).toBe(BRIEF_MS);
    expect(patience.limit(3, 1)).toBe(3);
  });

  it('lets one wait now and then', () => {
    miss(8, 0);
    const long = Array.from({ length: 100 }, (_, i) => i * 100).filter(
      (ms) => patience.limit(ALLOWED_MS, ms) > BRIEF_MS,
    );
    expect(long).toEqual([2000, 4000, 6000, 8000]);
  });

  it('is back with the first answer', () => {
    miss(30, 0);
    patience.learn(true, 5);
    expect(patience.limit(ALLOWED_MS, 6)).toBe(ALLOWED_MS);
  });
});
