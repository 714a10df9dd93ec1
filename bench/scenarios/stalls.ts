/** Each dependency stalled, then cut; then all of them. Real servers behind proxies that break the traffic. */
import { FaultProxy, type Fault } from '../../test/proxy.js';
import { startServer } from '../../test/servers.js';
import { startService, type Service } from '../../test/service.js';
import type { BenchContext } from '../context.js';
import { demoInBigtable } from '../demo-in-bigtable.js';
import { openLoop, type OpenLoopReport } from '../load/open-loop.js';
import { warmUp } from '../load/wrk.js';
import type { LoadWindow, WindowReport } from '../load/recorder.js';
import { healingOf, WHOLE_MS, type Healing } from '../report/healing.js';
import { withBudget } from '../requests.js';
import type { Scenario, ScenarioResult } from '../scenario.js';
import { shownCounts } from '../segue-report.js';

const BUDGET_MS = 50;
/** Far below saturation: what is seen is the fault. */
const RATE = 200;

const STALL: Fault = { kind: 'stall' };
const CUT: Fault = { kind: 'refuse' };
const PASS: Fault = { kind: 'pass' };

interface Phase extends LoadWindow {
  readonly fault: Fault;
}

interface Faulted {
  /** What was broken. */
  readonly target: string;
  readonly report: OpenLoopReport;
  readonly phases: readonly Phase[];
}

export const stalls: Scenario = {
  name: 'stalls',
  title: 'Bigtable and Memcached stalled, then cut, one and all, budget 50 ms',
  run: async (context) => {
    const { bodies, bodiesFile } = await context.demo();
    const bigtable = await demoInBigtable(context);
    const memcached = await startServer('memcached');
    const proxies = {
      Bigtable: await FaultProxy.start(bigtable.port),
      Memcached: await FaultProxy.start(memcached.port),
    };
    let service: Service | undefined;
    try {
      service = await startService({
        ...bigtable.env,
        SEGUE_BIGTABLE_EMULATOR_HOST: `127.0.0.1:${proxies.Bigtable.port}`,
        SEGUE_CACHE: 'memcached',
        SEGUE_MEMCACHED_SERVERS: `127.0.0.1:${proxies.Memcached.port}`,
        SEGUE_DEMO: 'false',
      });
      const port = Number(new URL(service.url).port);
      const load = { port, bodies: withBudget(bodies, BUDGET_MS), budgetMs: BUDGET_MS };
      const { warmUpS } = context.durations;
      await warmUp(`${service.url}/v1/recommend`, bodiesFile, warmUpS);
      await openLoop('http', { ...load, ratePerSecond: RATE, seconds: warmUpS });
      const faulted: Faulted[] = [];
      for (const [target, broken] of [
        ['Bigtable', [proxies.Bigtable]],
        ['Memcached', [proxies.Memcached]],
        ['both', Object.values(proxies)],
      ] as const) {
        faulted.push(...(await underFaults(context, target, broken, load)));
      }
      return resultOf(faulted);
    } finally {
      await Promise.all(Object.values(proxies).map((proxy) => proxy.close()));
      await service?.stop();
      await memcached.stop();
    }
  },
};

/** One load a fault. */
function plansOf({ calmS, faultS, healS }: BenchContext['durations']): Phase[][] {
  const plans = [
    [
      ['calm', calmS, PASS],
      ['stalled', faultS, STALL],
      ['after the stall', healS, PASS],
    ],
    [
      ['cut', faultS, CUT],
      ['after the cut', healS, PASS],
    ],
  ] as const;
  return plans.map((plan) => {
    let fromMs = 0;
    return plan.map(([name, seconds, kind]) => {
      const phase = { name, fromMs, toMs: fromMs + seconds * 1000, fault: kind };
      fromMs = phase.toMs;
      return phase;
    });
  });
}

async function underFaults(
  context: BenchContext,
  target: string,
  proxies: readonly FaultProxy[],
  load: { readonly port: number; readonly bodies: readonly string[]; readonly budgetMs: number },
): Promise<Faulted[]> {
  const begin = ({ name, fault: kind }: Phase): void => {
    context.progress(`stalls: ${target}, ${name}`);
    for (const proxy of proxies) void proxy.set(kind);
  };
  const faulted: Faulted[] = [];
  for (const phases of plansOf(context.durations)) {
    const timers: NodeJS.Timeout[] = [];
    const last = phases[phases.length - 1];
    const report = await openLoop(
      'http',
      {
        ...load,
        ratePerSecond: RATE,
        seconds: last.toMs / 1000,
        windows: phases.map(({ name, fromMs, toMs }) => ({ name, fromMs, toMs })),
        ...(!context.durations.healsOn && { untilWholeFromMs: last.fromMs }),
      },
      () => {
        for (const phase of phases) timers.push(setTimeout(begin, phase.fromMs, phase));
      },
    );
    for (const timer of timers) clearTimeout(timer);
    faulted.push({ target, report, phases });
  }
  return faulted;
}

function resultOf(faulted: readonly Faulted[]): ScenarioResult {
  const faults = faulted.flatMap(({ target, report, phases }) =>
    phases.flatMap((phase, i) => {
      if (phase.fault.kind === 'pass') return [];
      const after = phases[i + 1];
      const window = windowOf(report, phase.name);
      const healing = healingOf(report.series, phase.toMs, after.toMs);
      return [{ target, phase, window, healing, after: windowOf(report, after.name) }];
    }),
  );
  const calm = faulted.flatMap(({ target, report, phases }) =>
    phases.some(({ name }) => name === 'calm') ? [{ target, window: windowOf(report, 'calm') }] : [],
  );
  const all = faulted.map(({ report }) => report.windows[0]);
  const sumOf = (count: (window: WindowReport) => number): number => all.reduce((sum, one) => sum + count(one), 0);
  return {
    metrics: {
      budgetMs: BUDGET_MS,
      p99Ms: Math.max(...faults.map(({ window }) => window.latencyMs.p99)),
      calmP99Ms: Math.max(...calm.map(({ window }) => window.latencyMs.p99)),
      healSeconds: Math.max(...faults.map(({ healing }) => healing.seconds)),
      lastLessThanFullSeconds: Math.max(...faults.map(({ healing }) => healing.lastSeconds)),
      failed: sumOf(({ failed }) => failed),
      empty: sumOf(({ empty }) => empty),
    },
    tables: [
      {
        title: `${RATE} requests a second, open loop`,
        columns: [
          'what',
          'how',
          'requests',
          'failed',
          'p50 ms',
          'p99 ms',
          'max ms',
          'whole again after s',
          'last less than full after s',
          'levels',
          'reasons',
        ],
        rows: [
          ...calm.map(({ target, window }) => rowOf(target, 'calm', window)),
          ...faults.map(({ target, phase, window, healing }) => rowOf(target, phase.name, window, healing)),
        ],
      },
    ],
    notes: [
      `Failed in all, the times after the faults included: ${sumOf(({ failed }) => failed)} of ${sumOf(({ requests }) => requests)}; empty ${sumOf(({ empty }) => empty)}.`,
      `Whole again: at the beginning of the first ${WHOLE_MS / 1000} s in which every answer was full. Less than full, of a thousand answers: in calm times ${perMille(calm.map(({ window }) => window))}, in the times after faults, from their first moment on, ${perMille(faults.map(({ after }) => after))}.`,
      'A stalled dependency keeps its connections and answers nothing; a cut one closes them and refuses new ones.',
    ],
    distributions: faults.map(({ target, phase, window }) => ({
      name: `${target} ${phase.name}`,
      curve: window.curve,
    })),
    budgetMs: BUDGET_MS,
    details: faulted.map(({ target, report }) => ({ target, report })),
  };
}

function windowOf(report: OpenLoopReport, name: string): WindowReport {
  const found = report.windows.find((window) => window.name === name);
  if (found === undefined) throw new Error(`the load has no window ${name}`);
  return found;
}

/** Answers that were less than full or failed, of a thousand. */
function perMille(windows: readonly WindowReport[]): string {
  const requests = windows.reduce((sum, window) => sum + window.requests, 0);
  const full = windows.reduce((sum, window) => sum + ('full' in window.levels ? window.levels.full : 0), 0);
  return ((1000 * (requests - full)) / requests).toFixed(1);
}

function rowOf(target: string, how: string, window: WindowReport, healing?: Healing): (string | number)[] {
  const { requests, failed, latencyMs, levels, reasons } = window;
  const { p50, p99, max } = latencyMs;
  const healed = healing === undefined ? '' : Number.isFinite(healing.seconds) ? healing.seconds : 'not seen';
  const last = healing?.lastSeconds ?? '';
  return [target, how, requests, failed, p50, p99, max, healed, last, shownCounts(levels), shownCounts(reasons)];
}
