/** The raw limit: LMDB reads, feature matrix and model in one loop, no service. */
import { copyOf, SHIPPED_MODEL } from '../demo.js';
import { runProgram } from '../program.js';
import type { LimitReport, PipelineOptions } from '../programs/pipeline-reports.js';
import type { Scenario } from '../scenario.js';

export const limit: Scenario = {
  name: 'limit',
  title: 'The raw limit: LMDB reads, feature matrix and model in one loop',
  run: async (context) => {
    const { durations, workDir, progress } = context;
    const world = await context.demo();
    const { bodies } = world;
    progress('limit: one request after another');
    const report = await runProgram<LimitReport>(new URL('../programs/limit.js', import.meta.url), {
      dataDir: await copyOf(world, workDir),
      modelDir: SHIPPED_MODEL,
      bodies,
      requests: durations.singles,
    } satisfies PipelineOptions);
    const rows = [
      ['LMDB reads (listener, session, 8 tracks)', report.readsMs],
      ['feature matrix', report.featuresMs],
      ['model', report.modelMs],
      ['all', report.totalMs],
    ] as const;
    return {
      metrics: {
        p50Ms: report.totalMs.p50,
        p99Ms: report.totalMs.p99,
        readsP50Ms: report.readsMs.p50,
        featuresP50Ms: report.featuresMs.p50,
        modelP50Ms: report.modelMs.p50,
        candidates: report.candidates,
      },
      tables: [
        {
          title: 'One request at a time, one thread',
          columns: ['part', 'p50 ms', 'p90 ms', 'p99 ms'],
          rows: rows.map(([part, { p50, p90, p99 }]) => [part, p50, p90, p99]),
        },
      ],
      notes: [`${report.candidates.toFixed(0)} rows of features a request on average, ${report.requests} requests.`],
      distributions: [{ name: 'raw limit', curve: report.totalMs.curve }],
      details: report,
    };
  },
};
