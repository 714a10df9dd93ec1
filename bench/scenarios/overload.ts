/** Twice as many requests as the service can take, whatever becomes of those before. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openLoop, type OpenLoopReport } from '../load/open-loop.js';
import { rssOf } from '../process-tree.js';
import { withBudget } from '../requests.js';
import { segueSaturation } from '../saturation.js';
import type { Scenario, ScenarioResult } from '../scenario.js';
import { shownCounts } from '../segue-report.js';

const BUDGET_MS = 50;
const TIMES = 2;
/** Of the saturation, before the overload. */
const KNOWN_SHARE = 0.5;
const MIB = 2 ** 20;
const RSS_EVERY_MS = 1000;
const LIGHT_OR_BETTER = ['full', 'reduced', 'light'] as const;

export const overload: Scenario = {
  name: 'overload',
  title: 'Twice the saturation, open loop, budget 50 ms',
  onWarmSegue: true,
  run: async (context) => {
    const { requestsPerSecond: saturation } = await segueSaturation(context);
    const { bodies } = await context.demo();
    const service = await context.warmSegue();
    const load = {
      port: Number(new URL(service.url).port),
      bodies: withBudget(bodies, BUDGET_MS),
      budgetMs: BUDGET_MS,
    };
    // The client of the overload is known before it begins.
    const known = { ratePerSecond: saturation * KNOWN_SHARE, seconds: context.durations.warmUpS };
    await openLoop('http', { ...load, ...known });
    context.progress(`overload: ${(saturation * TIMES).toFixed(0)} requests/s`);
    const stop = new AbortController();
    const rss = watchRss(service.pid, stop.signal);
    const report = await openLoop('http', {
      ...load,
      ratePerSecond: saturation * TIMES,
      seconds: context.durations.overloadS,
    });
    stop.abort();
    return resultOf(report, saturation, await rss);
  },
};

/** MiB each second until it is stopped. */
async function watchRss(pid: number, signal: AbortSignal): Promise<number[]> {
  const series: number[] = [];
  while (!signal.aborted) {
    series.push((await rssOf(pid)) / MIB);
    await sleep(RSS_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  return series;
}

function resultOf(report: OpenLoopReport, saturation: number, rss: readonly number[]): ScenarioResult {
  const [all] = report.windows;
  const good = LIGHT_OR_BETTER.reduce((sum, level) => sum + (all.levelsWithinBudget[level] ?? 0), 0);
  const meanOf = (part: readonly number[]): number => part.reduce((sum, mib) => sum + mib, 0) / part.length;
  const half = rss.length >> 1;
  const quarter = rss.length >> 2;
  return {
    metrics: {
      inBudgetShare: all.withinBudget / all.requests,
      goodputPerSecond: good / all.seconds,
      saturationPerSecond: saturation,
      empty: all.empty,
      failed: all.failed,
      p50Ms: all.latencyMs.p50,
      p99Ms: all.latencyMs.p99,
      rssMaxMiB: Math.max(...rss),
      rssGrownMiB: meanOf(rss.slice(half)) - meanOf(rss.slice(quarter, half)),
    },
    tables: [
      {
        title: 'Answers',
        columns: ['requests/s', 'in budget', 'light or better/s', 'empty', 'failed', 'p50 ms', 'p99 ms', 'p99.9 ms'],
        rows: [
          [
            report.ratePerSecond,
            `${((100 * all.withinBudget) / all.requests).toFixed(3)} %`,
            good / all.seconds,
            all.empty,
            all.failed,
            all.latencyMs.p50,
            all.latencyMs.p99,
            all.latencyMs.p999,
          ],
        ],
      },
      {
        title: 'Resident memory of all processes, MiB',
        columns: ['at the start', 'second quarter', 'second half', 'most'],
        rows: [[rss[0], meanOf(rss.slice(quarter, half)), meanOf(rss.slice(half)), Math.max(...rss)]],
      },
    ],
    notes: [
      `Levels: ${shownCounts(all.levels)}. Failures: ${shownCounts(all.failures)}. Reasons: ${shownCounts(all.reasons)}.`,
      `The generator takes ${report.cpuMicrosPerRequest.toFixed(0)} us of processor time a request on the same cores; requests left it ${report.sentLateP99Ms.toFixed(1)} ms late at the 99th percentile.`,
    ],
    distributions: [{ name: 'twice the saturation', curve: all.curve }],
    budgetMs: BUDGET_MS,
    details: { report, rssMiB: rss },
  };
}
