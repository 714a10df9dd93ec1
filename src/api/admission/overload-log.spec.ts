import { jest } from '@jest/globals';
import { OverloadLog } from './overload-log.js';

it('says that overload begins, how it goes on in each period, and that it is over, in a line each', () => {
  jest.useFakeTimers();
  try {
    const lines: object[] = [];
    const write = (fields: object): void => {
      lines.push(fields);
    };
    const log = new OverloadLog({ warn: write, info: write } as never, () => ({ limit: 4 }));
    for (let i = 0; i < 1000; i++) log.note(i % 4 === 0 ? 'overload' : 'waited-too-long');
    expect(lines).toEqual([{ requests: { overload: 1 }, limit: 4 }]);
    jest.advanceTimersByTime(10_000);
    expect(lines.slice(1)).toEqual([
      { requests: { overload: 249, 'waited-too-long': 750 }, periodMs: 10_000, limit: 4 },
    ]);
    jest.advanceTimersByTime(60_000);
    expect(lines.slice(2)).toEqual([{ limit: 4 }]);
    log.note('overload');
    expect(lines).toHaveLength(4);
  } finally {
    jest.useRealTimers();
  }
});
