/** Ours over gRPC at saturation. */
import type { BenchContext } from '../context.js';
import { grpcLoad, type GrpcLoadReport } from '../load/grpc-load.js';
import { bestOf } from '../load/wrk.js';
import { CONNECTIONS } from '../saturation.js';
import type { Scenario } from '../scenario.js';
import { shownCounts } from '../segue-report.js';
import { median } from '../report/statistics.js';

export const grpc: Scenario = {
  name: 'grpc',
  title: 'Segue over gRPC, 500 candidates, at saturation',
  onWarmSegue: true,
  run: async (context) => {
    const runs = await measure(context);
    const best = bestOf(runs);
    const levels: Record<string, number> = {};
    for (const run of runs) {
      for (const [level, count] of Object.entries(run.levels)) levels[level] = (levels[level] ?? 0) + count;
    }
    return {
      metrics: { requestsPerSecond: best.requestsPerSecond, failed: best.failed },
      tables: [
        {
          title: 'Saturation (grpc-js client)',
          columns: ['in flight', 'requests/s'],
          rows: best.byConnections.map(({ connections, requestsPerSecond }) => [connections, requestsPerSecond]),
        },
      ],
      notes: [
        `Levels: ${shownCounts(levels)}; failed ${best.failed}.`,
        `The client takes ${median(runs.map(({ cpuMicrosPerRequest }) => cpuMicrosPerRequest)).toFixed(0)} us of processor time a request on the same cores, many times what wrk takes.`,
      ],
      distributions: [],
      details: runs,
    };
  },
};

async function measure(context: BenchContext): Promise<GrpcLoadReport[]> {
  const { bodies } = await context.demo();
  const { warmUpS, loadS, rounds } = context.durations;
  const service = await context.warmSegue();
  const port = Number(service.grpcAddress.split(':').at(-1));
  await grpcLoad({ port, bodies, inFlight: CONNECTIONS[0], seconds: warmUpS });
  const runs: GrpcLoadReport[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const inFlight of CONNECTIONS) {
      const run = await grpcLoad({ port, bodies, inFlight, seconds: loadS });
      context.progress(
        `grpc, ${inFlight} in flight, round ${round} of ${rounds}: ${run.requestsPerSecond.toFixed(0)} requests/s`,
      );
      runs.push(run);
    }
  }
  return runs;
}
