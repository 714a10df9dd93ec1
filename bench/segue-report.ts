/** What a running service says of itself: answers by level from its metrics, stages and candidates from its answers. */
import { recommend } from '../test/e2e/clients.js';
import type { Service } from '../test/service.js';

const COUNT_LINE = /^segue_recommend_duration_seconds_count\{(.*)\} (\d+)$/;
const LEVEL_LABEL = /level="([a-z]+)"/;

/** Answers since the start, by level, over all processes. */
export async function answersByLevel({ url }: Pick<Service, 'url'>): Promise<Record<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const levels: Record<string, number> = {};
  for (const line of text.split('\n')) {
    const [, labels = '', count = '0'] = COUNT_LINE.exec(line) ?? [];
    const level = LEVEL_LABEL.exec(labels)?.[1];
    if (level !== undefined) levels[level] = (levels[level] ?? 0) + Number(count);
  }
  return levels;
}

/** What came on top of `before`. */
export function levelsSince(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Record<string, number> {
  const entries = Object.entries(after).map(([level, count]) => [level, count - (before[level] ?? 0)] as const);
  return Object.fromEntries(entries.filter(([, count]) => count > 0));
}

/** In [0, 1]. */
export function fullShareOf(levels: Readonly<Record<string, number>>): number {
  const entries = Object.entries(levels);
  const sum = (counts: typeof entries): number => counts.reduce((total, [, count]) => total + count, 0);
  return sum(entries.filter(([level]) => level === 'full')) / sum(entries);
}

export interface Sample {
  readonly answers: number;
  /** Candidates that the ranker scored. */
  readonly candidatesMean: number;
  /** Share of answers with at least 495 of them. */
  readonly fullWidthShare: number;
  readonly levels: Readonly<Record<string, number>>;
  readonly rankers: Readonly<Record<string, number>>;
  /** Mean milliseconds by stage. */
  readonly stagesMs: Readonly<Record<string, number>>;
}

/** The surface's width, less a hundredth for requests with few candidates. */
const FULL_WIDTH = 495;

/** Asks for `count` of the bodies, one after another. */
export async function sample(service: Pick<Service, 'url'>, bodies: readonly string[], count: number): Promise<Sample> {
  const levels: Record<string, number> = {};
  const rankers: Record<string, number> = {};
  const stagesMs: Record<string, number> = {};
  let candidates = 0;
  let wide = 0;
  const step = Math.max(1, Math.floor(bodies.length / count));
  for (let i = 0; i < count; i++) {
    const { serving } = await recommend(service, JSON.parse(bodies[(i * step) % bodies.length]) as object);
    const { level } = serving.degradation;
    levels[level] = (levels[level] ?? 0) + 1;
    rankers[serving.ranker] = (rankers[serving.ranker] ?? 0) + 1;
    for (const { stage, ms, out } of serving.stages) {
      stagesMs[stage] = (stagesMs[stage] ?? 0) + ms / count;
      if (stage !== 'rank') continue;
      candidates += out;
      if (out >= FULL_WIDTH) wide++;
    }
  }
  return {
    answers: count,
    candidatesMean: candidates / count,
    fullWidthShare: wide / count,
    levels,
    rankers,
    stagesMs,
  };
}

export function shownCounts(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).sort((a, b) => b[1] - a[1]);
  return entries.length === 0 ? 'none' : entries.map(([name, count]) => `${name} ${count}`).join(', ');
}

/** A sentence on whether the whole pipeline ran, at full width. */
export function widthNote(what: string, { answers, candidatesMean, fullWidthShare, levels, rankers }: Sample): string {
  return (
    `${what}: of ${answers} sampled answers, levels ${shownCounts(levels)}; ranker ${shownCounts(rankers)}; ` +
    `${candidatesMean.toFixed(0)} candidates ranked on average, ${(fullWidthShare * 100).toFixed(1)} % at full width.`
  );
}
