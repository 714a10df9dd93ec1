/** Ours in process: the parts composed as the service composes them, no transport. */
import { copyOf, SHIPPED_MODEL } from '../demo.js';
import { runProgram } from '../program.js';
import type { InProcessReport, PipelineOptions } from '../programs/pipeline-reports.js';
import type { Scenario } from '../scenario.js';
import { shownCounts } from '../segue-report.js';

export const inProcess: Scenario = {
  name: 'in-process',
  title: 'Segue in process: the whole pipeline, no transport',
  run: async (context) => {
    const world = await context.demo();
    const { bodies } = world;
    context.progress('in-process: one request after another');
    const report = await runProgram<InProcessReport>(new URL('../programs/in-process.js', import.meta.url), {
      dataDir: await copyOf(world, context.workDir),
      modelDir: SHIPPED_MODEL,
      bodies,
      requests: context.durations.singles,
    } satisfies PipelineOptions);
    const { totalMs, byStage } = report;
    const staged = byStage.reduce((sum, { ms }) => sum + ms.mean, 0);
    return {
      metrics: {
        p50Ms: totalMs.p50,
        p99Ms: totalMs.p99,
        cpuMicrosPerRequest: report.cpuMicrosPerRequest,
        candidates: report.candidates,
      },
      tables: [
        {
          title: 'Where the time of a request goes',
          columns: ['stage', 'p50 ms', 'p99 ms', 'mean ms', 'share of the mean'],
          rows: [
            ...byStage.map(({ stage, ms }) => [stage, ms.p50, ms.p99, ms.mean, shareOf(ms.mean, totalMs.mean)]),
            ['between stages', '', '', totalMs.mean - staged, shareOf(totalMs.mean - staged, totalMs.mean)],
            ['all', totalMs.p50, totalMs.p99, totalMs.mean, shareOf(1, 1)],
          ],
        },
      ],
      notes: [
        `${report.requests} requests, levels ${shownCounts(report.levels)}, ${report.candidates.toFixed(0)} candidates ranked on average.`,
        `${report.cpuMicrosPerRequest.toFixed(0)} us of processor time a request, exposure and metrics after the answer included.`,
      ],
      distributions: [{ name: 'in process', curve: totalMs.curve }],
      details: report,
    };
  },
};

function shareOf(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)} %`;
}
