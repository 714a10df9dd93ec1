/** Latency at half the saturation, over both transports. */
import { openLoop, type OpenLoopReport } from '../load/open-loop.js';
import { segueSaturation } from '../saturation.js';
import type { Scenario, ScenarioResult } from '../scenario.js';
import { shownCounts } from '../segue-report.js';

const SHARE = 0.5;
/** A grpc-js client takes half the machine itself. */
const GRPC_SHARE = 0.25;

export const steady: Scenario = {
  name: 'steady',
  title: 'Latency at a steady rate',
  onWarmSegue: true,
  run: async (context) => {
    const { requestsPerSecond } = await segueSaturation(context);
    const { bodies } = await context.demo();
    const { steadyS: seconds, warmUpS } = context.durations;
    const service = await context.warmSegue();
    const httpPort = Number(new URL(service.url).port);
    const grpcPort = Number(service.grpcAddress.split(':').at(-1));
    context.progress(`steady: ${(requestsPerSecond * SHARE).toFixed(0)} requests/s over HTTP`);
    const http = await openLoop('http', {
      port: httpPort,
      bodies,
      ratePerSecond: requestsPerSecond * SHARE,
      seconds,
    });
    context.progress(`steady: ${(requestsPerSecond * GRPC_SHARE).toFixed(0)} requests/s over gRPC`);
    const overGrpc = { port: grpcPort, bodies, ratePerSecond: requestsPerSecond * GRPC_SHARE };
    await openLoop('grpc', { ...overGrpc, seconds: warmUpS });
    const grpc = await openLoop('grpc', { ...overGrpc, seconds });
    return resultOf({ http, grpc });
  },
};

function resultOf(reports: Readonly<Record<'http' | 'grpc', OpenLoopReport>>): ScenarioResult {
  const named = [
    ['HTTP', reports.http],
    ['gRPC', reports.grpc],
  ] as const;
  return {
    metrics: {
      httpP50Ms: reports.http.windows[0].latencyMs.p50,
      httpP99Ms: reports.http.windows[0].latencyMs.p99,
      grpcP50Ms: reports.grpc.windows[0].latencyMs.p50,
      grpcP99Ms: reports.grpc.windows[0].latencyMs.p99,
      failed: reports.http.windows[0].failed + reports.grpc.windows[0].failed,
    },
    tables: [
      {
        title: 'Open loop; latency from the moment a request was meant to leave',
        columns: ['transport', 'requests/s', 'p50 ms', 'p90 ms', 'p99 ms', 'p99.9 ms', 'max ms', 'failed'],
        rows: named.map(
          ([
            transport,
            {
              ratePerSecond,
              windows: [all],
            },
          ]) => [
            transport,
            ratePerSecond,
            all.latencyMs.p50,
            all.latencyMs.p90,
            all.latencyMs.p99,
            all.latencyMs.p999,
            all.latencyMs.max,
            all.failed,
          ],
        ),
      },
      {
        title: 'The generator',
        columns: ['transport', 'CPU us a request', 'left late p50 ms', 'left late p99 ms'],
        rows: named.map(([transport, { cpuMicrosPerRequest, sentLateP50Ms, sentLateP99Ms }]) => [
          transport,
          cpuMicrosPerRequest,
          sentLateP50Ms,
          sentLateP99Ms,
        ]),
      },
    ],
    notes: named.map(
      ([
        transport,
        {
          windows: [all],
        },
      ]) => `${transport}: levels ${shownCounts(all.levels)}.`,
    ),
    distributions: named.map(
      ([
        name,
        {
          windows: [all],
        },
      ]) => ({ name, curve: all.curve }),
    ),
    details: reports,
  };
}
