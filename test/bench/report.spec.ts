import { markdownOf, shownNumber } from '../../bench/report/markdown.js';
import { ratiosOf } from '../../bench/report/ratios.js';
import type { Report } from '../../bench/report/report.js';
import { latencyChart } from '../../bench/report/svg.js';

const REPORT: Report = {
  machine: {
    cpu: 'A processor',
    cores: 2,
    memoryGiB: 24,
    os: 'Linux',
    node: 'v24',
    loadBefore: 0.1,
    othersShare: 0.25,
    startedAt: '2026-01-01T00:00:00.000Z',
  },
  mode: 'quick',
  scenarios: [
    {
      name: 'limit',
      title: 'The limit',
      seconds: 3,
      ok: true,
      metrics: { p50Ms: 0.5 },
      tables: [
        {
          title: 'Parts',
          columns: ['part', 'ms'],
          rows: [
            ['model', 0.123456],
            ['all', 1234.5],
          ],
        },
      ],
      notes: ['A note.'],
      distributions: [],
    },
    { name: 'in-process', title: 'Ours', seconds: 2, ok: false, error: 'no such thing' },
  ],
  ratios: ratiosOf(
    new Map([
      ['in-process', { p50Ms: 2 }],
      ['limit', { p50Ms: 0.5 }],
    ]),
  ),
};

describe('the report', () => {
  it.each([
    [0.123456, '0.123'],
    [12.345, '12.3'],
    [1234.5, '1,235'],
    [0, '0'],
    [NaN, '–'],
  ])('shows %d as %s', (value, text) => {
    expect(shownNumber(value)).toBe(text);
  });

  it('has the machine, every ratio with its aim, every table, and what failed', () => {
    const lines = markdownOf(REPORT, new Map([['limit', 'limit.svg']])).split('\n');
    expect(lines).toContainEqual(expect.stringContaining('A processor'));
    expect(lines).toContainEqual(expect.stringContaining('other processes took 25 % of the cores'));
    expect(lines).toContainEqual(expect.stringMatching(/^\| `inProcessVsLimit` +\| 4 +\| ≤ 3 +\| NO +\|$/));
    expect(lines).toContainEqual(expect.stringMatching(/^\| `httpVsFastapi` +\| not measured \|/));
    expect(lines).toContain('| model | 0.123 |');
    expect(lines).toContain('| all   | 1,235 |');
    expect(lines).toContain('![Latency by percentile, limit](limit.svg)');
    expect(lines).toContain('**Failed** after 2 s: no such thing');
  });

  it('draws each distribution to the right and upwards, within the picture', () => {
    const svg = latencyChart(
      'A & B',
      [
        {
          name: 'x',
          curve: [
            [1, 0.5],
            [50, 1],
            [99, 20],
            [99.99, 80],
          ],
        },
      ],
      50,
    );
    expect(svg).toContain('A &amp; B');
    const points = (/points="([^"]+)"/.exec(svg)?.[1] ?? '').split(' ').map((point) => point.split(',').map(Number));
    expect(points).toHaveLength(4);
    for (const [i, [x, y]] of points.entries()) {
      expect(x).toBeGreaterThan(points[i - 1]?.[0] ?? 0);
      expect(x).toBeLessThanOrEqual(760);
      expect(y).toBeLessThan(points[i - 1]?.[1] ?? 420);
      expect(y).toBeGreaterThan(0);
    }
  });
});
