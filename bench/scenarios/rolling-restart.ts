/** Every serving process is ended in turn, and replaced by the cluster, under a steady load. */
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Service } from '../../test/service.js';
import type { BenchContext } from '../context.js';
import { openLoop, type OpenLoopReport } from '../load/open-loop.js';
import { childrenOf } from '../process-tree.js';
import { segueSaturation } from '../saturation.js';
import type { Scenario } from '../scenario.js';
import { shownCounts } from '../segue-report.js';

/** Of the saturation: what is left while a process is away, and starts, takes it. */
const SHARE = 0.15;
/** One would leave nobody who answers meanwhile. */
const MIN_PROCESSES = 2;
const REPLACED_WITHIN_MS = 30_000;
const LOOK_MS = 100;

interface Restarted {
  readonly report: OpenLoopReport;
  readonly processes: number;
  /** Ended, and another started in their place. */
  readonly replaced: number;
}

export const rollingRestart: Scenario = {
  name: 'rolling-restart',
  title: 'Each serving process ended by SIGTERM and replaced, under load',
  onWarmSegue: true,
  run: async (context) => {
    const { report, processes, replaced } = await restartUnderLoad(context);
    const [all] = report.windows;
    return {
      metrics: {
        failed: all.failed,
        requests: all.requests,
        resent: report.resent,
        p99Ms: all.latencyMs.p99,
        maxMs: all.latencyMs.max,
        replaced,
      },
      tables: [
        {
          title: 'Answers while processes come and go (open loop)',
          columns: ['requests/s', 'requests', 'failed', 'sent again', 'p50 ms', 'p99 ms', 'max ms'],
          rows: [
            [
              report.ratePerSecond,
              all.requests,
              all.failed,
              report.resent,
              all.latencyMs.p50,
              all.latencyMs.p99,
              all.latencyMs.max,
            ],
          ],
        },
      ],
      notes: [
        `${replaced} of ${processes} processes were ended and replaced. Levels: ${shownCounts(all.levels)}. Failures: ${shownCounts(all.failures)}.`,
        '"Sent again": the connection closed before an answer began, and the client sent the request on another one, as HTTP clients do.',
      ],
      distributions: [{ name: 'rolling restart', curve: all.curve }],
      details: report,
    };
  },
};

async function restartUnderLoad(context: BenchContext): Promise<Restarted> {
  const { requestsPerSecond } = await segueSaturation(context);
  const { bodies } = await context.demo();
  const { calmS, faultS } = context.durations;
  const processes = Math.max(MIN_PROCESSES, availableParallelism());
  const isWarm = availableParallelism() === processes;
  const service = await (isWarm ? context.warmSegue() : context.startSegue({ SEGUE_PROCESSES: String(processes) }));
  try {
    const pids = await childrenOf(service.pid);
    let replaced = 0;
    const rolling = Promise.withResolvers<undefined>();
    const report = openLoop(
      'http',
      {
        port: Number(new URL(service.url).port),
        bodies,
        ratePerSecond: requestsPerSecond * SHARE,
        seconds: calmS + processes * faultS,
        resendsWhenClosed: true,
      },
      () => {
        void (async () => {
          for (const pid of pids) {
            context.progress(`rolling-restart: ending process ${pid}`);
            process.kill(pid, 'SIGTERM');
            if (await isReplaced(service, pid, processes)) replaced++;
            // The new one is ready only after a while.
            await sleep(((faultS * 1000) / 2) | 0);
          }
        })().then(() => {
          rolling.resolve(undefined);
        }, rolling.reject);
      },
    );
    await rolling.promise;
    return { report: await report, processes, replaced };
  } finally {
    // Its processes are not the warm ones any more.
    await (isWarm ? context.endWarmSegue() : service.stop());
  }
}

async function isReplaced(service: Service, pid: number, processes: number): Promise<boolean> {
  const untilMs = performance.now() + REPLACED_WITHIN_MS;
  while (performance.now() < untilMs) {
    const pids = await childrenOf(service.pid);
    if (!pids.includes(pid) && pids.length === processes) return true;
    await sleep(LOOK_MS);
  }
  return false;
}
