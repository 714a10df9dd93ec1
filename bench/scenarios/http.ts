/** Ours over HTTP: the whole pipeline at saturation, and where the time of one request goes. */
import { segueSaturation } from '../saturation.js';
import type { Scenario } from '../scenario.js';
import { fullShareOf, shownCounts, widthNote } from '../segue-report.js';

export const http: Scenario = {
  name: 'http',
  title: 'Segue over HTTP, 500 candidates, at saturation',
  onWarmSegue: true,
  run: async (context) => {
    const measured = await segueSaturation(context);
    const [all] = measured.half.windows;
    return {
      metrics: {
        requestsPerSecond: measured.requestsPerSecond,
        fullPerSecond: measured.requestsPerSecond * fullShareOf(measured.levels),
        p50Ms: all.latencyMs.p50,
        p99Ms: all.latencyMs.p99,
        failed: measured.failed,
        candidates: measured.sample.candidatesMean,
      },
      tables: [
        {
          title: 'Saturation (wrk)',
          columns: ['connections', 'requests/s'],
          rows: measured.byConnections.map(({ connections, requestsPerSecond }) => [connections, requestsPerSecond]),
        },
        {
          title: 'Milliseconds by stage, one request at a time',
          columns: ['stage', 'ms'],
          rows: Object.entries(measured.sample.stagesMs),
        },
        {
          title: 'Latency at half the saturation (open loop)',
          columns: ['requests/s', 'p50 ms', 'p99 ms', 'p99.9 ms', 'max ms'],
          rows: [
            [measured.half.ratePerSecond, all.latencyMs.p50, all.latencyMs.p99, all.latencyMs.p999, all.latencyMs.max],
          ],
        },
      ],
      notes: [
        widthNote('Before the load', measured.sample),
        `Levels of all answers under load, by the service's own metrics: ${shownCounts(measured.levels)}; failed ${measured.failed}.`,
        'SEGUE_CACHE=off: no answer comes from the slate cache.',
      ],
      distributions: [{ name: 'HTTP at half the saturation', curve: all.curve }],
      details: { levels: measured.levels, stagesMs: measured.sample.stagesMs, half: measured.half },
    };
  },
};
