import { bestOf } from '../../bench/load/wrk.js';
import { median, percentileOf } from '../../bench/report/statistics.js';

describe('statistics of the bench', () => {
  it('takes the middle, or the mean of the two middle ones', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 6])).toBe(5.5);
    expect(median([])).toBeNaN();
  });

  it('takes percentiles by nearest rank', () => {
    const numbers = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect([1, 50, 99, 99.9, 100].map((percentile) => percentileOf(numbers, percentile))).toEqual([
      1, 50, 99, 100, 100,
    ]);
    expect(percentileOf([], 50)).toBeNaN();
  });

  it('takes the best number of connections by the median of its rounds, not its best round', () => {
    const run = (connections: number, requestsPerSecond: number) => ({
      connections,
      requestsPerSecond,
      requests: 10,
      failed: 1,
    });
    const best = bestOf([run(16, 100), run(64, 900), run(16, 300), run(64, 200), run(16, 310), run(64, 210)]);
    expect(best).toEqual({
      requestsPerSecond: 300,
      byConnections: [
        { connections: 16, requestsPerSecond: 300 },
        { connections: 64, requestsPerSecond: 210 },
      ],
      byRound: [900, 300, 310],
      requests: 60,
      failed: 6,
    });
  });
});
