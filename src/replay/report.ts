/** The result of an evaluation, for people and for programs. */
import type { Evaluation } from './evaluate.js';
import type { Quality } from './metrics.js';

type Baselines = ReadonlyMap<string, Quality>;

/** Rows of quality, the served slates first, then what else was measured. */
export function evaluationTable(evaluation: Evaluation, baselines: Baselines, width: number): string {
  const rows: [string, Quality][] = [[`segue (${evaluation.ranker})`, evaluation], ...baselines];
  const nameWidth = Math.max(...rows.map(([name]) => name.length));
  const line = (name: string, cells: readonly string[]): string =>
    `${name.padEnd(nameWidth)}  ${cells.map((cell) => cell.padStart(11)).join('')}\n`;
  const { requests, recallAtWidth, coverage, artistVariety, levels, reasons } = evaluation;
  const levelCounts = Object.entries(levels).filter(([, count]) => count > 0);
  const lines = [
    line('', ['hit rate 20', 'MRR 20', 'NDCG 20']),
    ...rows.map(([name, quality]) => line(name, [quality.hitRate20, quality.mrr20, quality.ndcg20].map(fixed))),
    '\n',
    `requests             ${requests} (${levelCounts.map(([level, count]) => `${level} ${count}`).join(', ')})\n`,
    `recall at width ${String(width).padEnd(4)} ${fixed(recallAtWidth)}\n`,
    `catalogue coverage   ${fixed(coverage)}\n`,
    `artist variety       ${fixed(artistVariety)}\n`,
    ratioLine(evaluation, baselines),
    ...[...reasons].slice(0, 10).map(([reason, count]) => `given up ${count} times: ${reason}\n`),
  ];
  return lines.join('');
}

function ratioLine({ hitRate20 }: Quality, baselines: Baselines): string {
  let best = { name: '', hitRate20: 0 };
  for (const [name, quality] of baselines) if (quality.hitRate20 > best.hitRate20) best = { name, ...quality };
  if (best.hitRate20 === 0) return '';
  return `hit rate             ${(hitRate20 / best.hitRate20).toFixed(2)} times the best baseline (${best.name})\n`;
}

function fixed(value: number): string {
  return value.toFixed(4);
}

export function evaluationJson(evaluation: Evaluation, baselines: Baselines): string {
  const { hitRate20, mrr20, ndcg20, recallAtWidth, coverage, artistVariety, requests } = evaluation;
  const compared = Object.fromEntries([...baselines].map(([name, quality]) => [name, figuresOf(quality)]));
  const result = { hitRate20, mrr20, ndcg20, recallAtWidth, coverage, artistVariety, requests, baselines: compared };
  return `${JSON.stringify(result, null, 2)}\n`;
}

function figuresOf({ hitRate20, mrr20 }: Quality): Pick<Quality, 'hitRate20' | 'mrr20'> {
  return { hitRate20, mrr20 };
}
