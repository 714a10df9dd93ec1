import { Recorder } from '../../bench/load/recorder.js';
import { Schedule } from '../../bench/load/schedule.js';

describe('what became of a load', () => {
  it('counts an answer where its request was meant to leave, and by the budget of that moment', () => {
    const recorder = new Recorder([{ name: 'second half', fromMs: 500, toMs: 1000 }], 1000, 50);
    recorder.answered(100, 10, 'full', false, []);
    recorder.answered(499, 700, 'light', false, ['rank: timeout']);
    recorder.answered(500, 50, 'popular', false, ['listen: timeout']);
    recorder.answered(501, 51, 'full', false, []);
    recorder.answered(600, 1, 'popular', true, []);
    recorder.failed(999, 'status 429');
    const [all, half] = recorder.reports();
    expect(all).toMatchObject({
      requests: 6,
      answered: 5,
      empty: 1,
      withinBudget: 2,
      failed: 1,
      failures: { 'status 429': 1 },
      levels: { full: 2, light: 1, popular: 2 },
      levelsWithinBudget: { full: 1, popular: 1 },
      reasons: { 'rank: timeout': 1, 'listen: timeout': 1 },
    });
    expect(half).toMatchObject({ name: 'second half', seconds: 0.5, requests: 4, withinBudget: 1, failed: 1 });
    expect(all.latencyMs.max).toBeCloseTo(700, -1);
    expect(recorder.series().map(({ requests, full, failed }) => [requests, full, failed])).toEqual([
      ...[
        [0, 0, 0],
        [1, 1, 0],
        [0, 0, 0],
        [0, 0, 0],
        [1, 0, 0],
      ],
      ...[
        [2, 1, 0],
        [1, 0, 0],
        [0, 0, 0],
        [0, 0, 0],
        [1, 0, 1],
      ],
    ]);
  });

  it('makes requests due by the clock alone, and no more than there are', () => {
    const schedule = new Schedule(200, 0.1);
    expect(schedule.total).toBe(20);
    const due = [0, 4.9, 5, 12, 11, 1e6].map((elapsedMs) => {
      schedule.advance(elapsedMs);
      return schedule.due;
    });
    expect(due).toEqual([1, 1, 2, 3, 3, 20]);
    expect(schedule.meantMs(19)).toBe(95);
  });
});
