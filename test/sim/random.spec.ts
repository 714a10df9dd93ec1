import { pairEffect, Random, STREAM, streamOf } from './random.js';

describe('random', () => {
  it('is xoshiro128** as published', () => {
    const random = new Random(1, 2, 3, 4);
    // Outputs of the reference implementation for the state 1, 2, 3, 4.
    expect(Array.from({ length: 10 }, () => random.next())).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  it('gives a stream by its name, whatever was drawn from others', () => {
    const first = streamOf(7, STREAM.choice, 3, 4).next();
    streamOf(7, STREAM.choice, 3, 5).next();
    expect(streamOf(7, STREAM.choice, 3, 4).next()).toBe(first);
    const others = [
      streamOf(8, STREAM.choice, 3, 4),
      streamOf(7, STREAM.response, 3, 4),
      streamOf(7, STREAM.choice, 4, 3),
    ];
    for (const other of others) expect(other.next()).not.toBe(first);
  });

  it('has streams whose first draws are spread evenly', () => {
    const bins = new Array<number>(16).fill(0);
    for (let i = 0; i < 16_000; i++) bins[Math.floor(16 * streamOf(7, STREAM.choice, i >> 6, i & 63).uniform())]++;
    const chiSquare = bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    // 99.9 % point of chi-square with 15 degrees of freedom.
    expect(chiSquare).toBeLessThan(37.7);
  });

  it('has normal draws and pair effects of mean 0 and deviation 1', () => {
    const random = streamOf(7, STREAM.choice);
    const moments = (draw: (i: number) => number): [number, number] => {
      let sum = 0;
      let squares = 0;
      for (let i = 0; i < 20_000; i++) {
        const value = draw(i);
        sum += value;
        squares += value * value;
      }
      return [sum / 20_000, squares / 20_000];
    };
    for (const [mean, square] of [moments(() => random.normal()), moments((i) => pairEffect(7, i % 200, i >> 3))]) {
      expect(Math.abs(mean)).toBeLessThan(0.03);
      expect(Math.abs(square - 1)).toBeLessThan(0.05);
    }
  });
});
