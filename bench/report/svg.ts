/** Latency by percentile as a chart: nines to the right, milliseconds upwards, both by the logarithm. */
import type { Distribution } from '../scenario.js';
import { shownNumber } from './markdown.js';

const WIDTH = 760;
const HEIGHT = 420;
const PLOT = { left: 64, right: 740, top: 48, bottom: 330 } as const;
const LEGEND_TOP = 372;
const LEGEND_COLUMNS = 3;
const LEGEND_LINE = 18;
const COLOURS = ['#2f6db3', '#d1603d', '#3a8f5c', '#8a5bb5', '#b8862b', '#4f7a88', '#b3446c', '#6b6b6b'];
const TICKS = [0, 50, 90, 99, 99.9, 99.99];
const FONT = 'font-family="system-ui, sans-serif"';

/** How many nines: 0 for the 0th percentile, 2 for the 99th. */
function nines(percentile: number): number {
  return -Math.log10(1 - percentile / 100);
}

const NINES_MAX = nines(99.99);

function xOf(percentile: number): number {
  return PLOT.left + (nines(percentile) / NINES_MAX) * (PLOT.right - PLOT.left);
}

/** @param budgetMs drawn as a line where it is given */
export function latencyChart(title: string, distributions: readonly Distribution[], budgetMs?: number): string {
  const drawn = distributions.filter(({ curve }) => curve.length > 0);
  const values = drawn.flatMap(({ curve }) => curve.map(([, ms]) => ms)).concat(budgetMs ?? []);
  const low = Math.log10(Math.min(...values)) - 0.05;
  const high = Math.log10(Math.max(...values)) + 0.05;
  const yOf = (ms: number): number =>
    PLOT.bottom - ((Math.log10(ms) - low) / Math.max(0.1, high - low)) * (PLOT.bottom - PLOT.top);
  const rows = Math.ceil(drawn.length / LEGEND_COLUMNS);
  const height = HEIGHT + Math.max(0, rows - 2) * LEGEND_LINE;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="${PLOT.left}" y="26" ${FONT} font-size="15" fill="#222222">${escaped(title)}</text>`,
    ...yTicks(low, high).map((ms) => horizontal(yOf(ms), shownNumber(ms))),
    ...TICKS.map((percentile) => vertical(xOf(percentile), String(percentile))),
    `<text x="${(PLOT.left + PLOT.right) / 2}" y="${PLOT.bottom + 36}" ${FONT} font-size="12" fill="#555555" text-anchor="middle">percentile of requests</text>`,
    `<text x="16" y="${PLOT.top - 10}" ${FONT} font-size="12" fill="#555555">ms</text>`,
    ...(budgetMs === undefined ? [] : [budgetLine(yOf(budgetMs))]),
    ...drawn.map(({ curve }, i) => {
      const points = curve.map(([percentile, ms]) => `${xOf(percentile).toFixed(1)},${yOf(ms).toFixed(1)}`);
      return `<polyline points="${points.join(' ')}" fill="none" stroke="${colourOf(i)}" stroke-width="2" stroke-linejoin="round"/>`;
    }),
    ...drawn.map(({ name }, i) => legend(name, i)),
    '</svg>',
    '',
  ].join('\n');
}

function colourOf(index: number): string {
  return COLOURS[index % COLOURS.length];
}

/** 1, 2 and 5 of each power of ten in the range; powers alone where the range is wide. */
function yTicks(low: number, high: number): number[] {
  const steps = high - low > 2.5 ? [1] : [1, 2, 5];
  const ticks: number[] = [];
  for (let power = Math.floor(low); power <= Math.ceil(high); power++) {
    for (const step of steps) {
      const ms = step * 10 ** power;
      if (Math.log10(ms) >= low && Math.log10(ms) <= high) ticks.push(ms);
    }
  }
  return ticks;
}

function budgetLine(y: number): string {
  return (
    `<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${y.toFixed(1)}" y2="${y.toFixed(1)}" stroke="#a03030" stroke-dasharray="5 4"/>` +
    `<text x="${PLOT.right - 4}" y="${(y - 5).toFixed(1)}" ${FONT} font-size="11" fill="#a03030" text-anchor="end">budget</text>`
  );
}

function horizontal(y: number, label: string): string {
  return (
    `<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${y.toFixed(1)}" y2="${y.toFixed(1)}" stroke="#e3e3e3"/>` +
    `<text x="${PLOT.left - 8}" y="${(y + 4).toFixed(1)}" ${FONT} font-size="11" fill="#555555" text-anchor="end">${label}</text>`
  );
}

function vertical(x: number, label: string): string {
  return (
    `<line x1="${x.toFixed(1)}" x2="${x.toFixed(1)}" y1="${PLOT.top}" y2="${PLOT.bottom}" stroke="#e3e3e3"/>` +
    `<text x="${x.toFixed(1)}" y="${PLOT.bottom + 18}" ${FONT} font-size="11" fill="#555555" text-anchor="middle">${label}</text>`
  );
}

function legend(name: string, index: number): string {
  const x = PLOT.left + (index % LEGEND_COLUMNS) * ((PLOT.right - PLOT.left) / LEGEND_COLUMNS);
  const y = LEGEND_TOP + 16 + Math.floor(index / LEGEND_COLUMNS) * LEGEND_LINE;
  return (
    `<line x1="${x}" x2="${x + 18}" y1="${y - 4}" y2="${y - 4}" stroke="${colourOf(index)}" stroke-width="3"/>` +
    `<text x="${x + 24}" y="${y}" ${FONT} font-size="12" fill="#222222">${escaped(name)}</text>`
  );
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
