/** The report as Markdown. */
import type { Table } from '../scenario.js';
import { meetsAim, RATIO_NAMES, RATIOS, type RatioName } from './ratios.js';
import type { Machine, Report, ScenarioOutcome } from './report.js';

/** Three significant digits, and thousands set apart. */
export function shownNumber(value: number): string {
  if (Number.isNaN(value)) return '–';
  if (!Number.isFinite(value)) return String(value);
  const rounded = Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
  return rounded.toLocaleString('en-US', { maximumFractionDigits: 6 });
}

/** @param charts file name of the chart of a scenario, where it has one */
export function markdownOf(report: Report, charts: ReadonlyMap<string, string>): string {
  const { machine, scenarios } = report;
  return [
    '# Benchmarks',
    '',
    `${machine.cores} cores (${machine.cpu}), ${machine.memoryGiB} GiB, ${machine.os}, Node ${machine.node}; ${machine.startedAt}, mode ${report.mode}.`,
    `Load generators and servers share the cores. Load average before the run ${machine.loadBefore.toFixed(2)}; ${othersOf(machine)}.`,
    '',
    '## Ratios',
    '',
    ...tableLines({
      title: '',
      columns: ['ratio', 'value', 'aim', 'met'],
      rows: RATIO_NAMES.map((name) => ratioRow(name, report.ratios[name])),
    }),
    '',
    ...RATIO_NAMES.map((name) => `- \`${name}\`: ${RATIOS[name].meaning}`),
    ...scenarios.flatMap((scenario) => scenarioLines(scenario, charts.get(scenario.name))),
    '',
  ].join('\n');
}

function othersOf({ othersShare }: Machine): string {
  return othersShare === null
    ? 'what other processes took is not known'
    : `other processes took ${(othersShare * 100).toFixed(0)} % of the cores' time`;
}

function ratioRow(name: RatioName, value: number | null): string[] {
  const { aim } = RATIOS[name];
  const met = meetsAim(name, value);
  return [
    `\`${name}\``,
    value === null ? 'not measured' : shownNumber(value),
    'atLeast' in aim ? `≥ ${aim.atLeast}` : `≤ ${aim.atMost}`,
    met === undefined ? '' : met ? 'yes' : 'NO',
  ];
}

function scenarioLines(scenario: ScenarioOutcome, chart: string | undefined): string[] {
  const head = ['', `## ${scenario.name}: ${scenario.title}`, ''];
  if (!scenario.ok) return [...head, `**Failed** after ${shownNumber(scenario.seconds)} s: ${scenario.error}`];
  return [
    ...head,
    ...scenario.tables.flatMap((table) => [`${table.title}:`, '', ...tableLines(table), '']),
    ...scenario.notes.map((note) => `- ${note}`),
    ...(chart === undefined ? [] : ['', `![Latency by percentile, ${scenario.name}](${chart})`]),
  ];
}

function tableLines({ columns, rows }: Table): string[] {
  const cells = [
    columns,
    ...rows.map((row) => row.map((cell) => (typeof cell === 'number' ? shownNumber(cell) : cell))),
  ];
  const widths = columns.map((_, i) => Math.max(3, ...cells.map((row) => row[i].length)));
  const isNumeric = columns.map((_, i) => rows.some((row) => typeof row[i] === 'number'));
  const line = (row: readonly string[]): string => {
    const padded = row.map((cell, i) => (isNumeric[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i])));
    return `| ${padded.join(' | ')} |`;
  };
  const rule = widths.map((width, i) => (isNumeric[i] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  const [head, ...body] = cells.map(line);
  return [head, `| ${rule.join(' | ')} |`, ...body];
}
