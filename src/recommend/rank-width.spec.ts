import { RankWidth, WIDTH_MIN } from './rank-width.js';

/** Monotonic. */
let nowMs = 0;

/** Runs a ranker that takes `msPerRow` under a share of time, 100 times a second, and tells the widths it was given. */
function widthsOf(width: RankWidth, runs: number, shareMs: number, msPerRow: number, everyMs = 10): number[] {
  return Array.from({ length: runs }, () => {
    nowMs += everyMs;
    const rows = width.of('next-track@1.0.0', shareMs, 500, nowMs);
    width.observe('next-track@1.0.0', shareMs, rows * msPerRow, nowMs);
    return rows;
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('RankWidth', () => {
  it('is full while the runs keep their time', () => {
    expect(new Set(widthsOf(new RankWidth(), 100, 20, 0.01))).toEqual(new Set([500]));
  });

  it('is not cut by one slow run', () => {
    const width = new RankWidth();
    width.observe('next-track@1.0.0', 20, Infinity, nowMs);
    expect(width.of('next-track@1.0.0', 20, 500, nowMs)).toBe(500);
  });

  it('settles near what fits, with about one run of twenty over time', () => {
    const widths = widthsOf(new RankWidth(), 4000, 20, 0.1).slice(1000);
    expect(mean(widths)).toBeGreaterThan(160);
    expect(mean(widths)).toBeLessThan(200);
    const over = widths.filter((rows) => rows * 0.1 > 20).length / widths.length;
    expect(over).toBeGreaterThan(0.02);
    expect(over).toBeLessThan(0.08);
  });

  it('comes back to the full width', () => {
    const width = new RankWidth();
    widthsOf(width, 200, 20, 1);
    expect(widthsOf(width, 400, 20, 0.001).at(-1)).toBe(500);
  });

  it.each([1, 5, 10, 100])('is full again five seconds after the last run over time, at %i a second', (perSecond) => {
    const width = new RankWidth();
    widthsOf(width, 200, 20, 1);
    expect(width.of('next-track@1.0.0', 20, 500, nowMs)).toBe(WIDTH_MIN);
    widthsOf(width, 5 * perSecond - 1, 20, 0.001, 1000 / perSecond);
    expect(width.of('next-track@1.0.0', 20, 500, nowMs + 1000 / perSecond)).toBe(500);
  });

  it('does not rise by time alone while runs are over theirs', () => {
    const width = new RankWidth();
    widthsOf(width, 100, 20, 1);
    nowMs += 1_000;
    expect(width.of('next-track@1.0.0', 20, 500, nowMs)).toBe(WIDTH_MIN);
  });

  it.each([20, 50, 100, 1000])('keeps one run of twenty over time at %i a second', (perSecond) => {
    const widths = widthsOf(new RankWidth(), 4000, 20, 0.1, 1000 / perSecond).slice(1000);
    const over = widths.filter((rows) => rows * 0.1 > 20).length / widths.length;
    expect(over).toBeGreaterThan(0.02);
    expect(over).toBeLessThan(0.08);
  });

  it('falls back to what fitted where a rise by time alone was too much', () => {
    const width = new RankWidth();
    const before = widthsOf(width, 1000, 20, 0.1);
    const widths = widthsOf(width, 300, 20, 0.1, 1000);
    expect(widths.filter((rows) => rows <= 200).length / widths.length).toBeGreaterThan(0.6);
    expect(mean(before.slice(500)) - Math.min(...widths)).toBeLessThan(50);
  });

  it('never goes below what is worth ranking', () => {
    expect(widthsOf(new RankWidth(), 100, 20, 10).at(-1)).toBe(WIDTH_MIN);
  });

  it('leaves longer shares alone when short ones do not suffice', () => {
    const width = new RankWidth();
    widthsOf(width, 100, 2, 0.1);
    expect(width.of('next-track@1.0.0', 100, 500, nowMs)).toBe(500);
  });

  it('leaves other rankers alone', () => {
    const width = new RankWidth();
    widthsOf(width, 100, 2, 0.1);
    expect(width.of('other@1.0.0', 2, 500, nowMs)).toBe(500);
  });
});
