/** What tracing costs: none, one request in a hundred, every request, with a real collector that counts spans. */
import type { Service } from '../../test/service.js';
import type { BenchContext } from '../context.js';
import { startSpanReceiver, type SpanReceiver } from '../load/span-receiver.js';
import { warmUp, wrk } from '../load/wrk.js';
import { median } from '../report/statistics.js';
import type { Scenario } from '../scenario.js';
import { answersByLevel } from '../segue-report.js';

const CONNECTIONS = 64;
const RATIOS = [
  ['off', 0],
  ['1 %', 0.01],
  ['100 %', 1],
] as const;

interface Traced {
  readonly name: string;
  readonly ratio: number;
  readonly receiver: SpanReceiver;
  readonly service: Service;
  /** By round. */
  readonly perSecond: number[];
}

interface Kind {
  readonly name: string;
  readonly ratio: number;
  /** Mean of its services, by round. */
  readonly perSecond: readonly number[];
  readonly answers: number;
  readonly spans: number;
}

export const tracing: Scenario = {
  name: 'tracing',
  title: 'Throughput with tracing off, at 1 % and at 100 %',
  run: async (context) => {
    const { bodiesFile } = await context.demo();
    const { services, rounds, loadS } = context.durations.tracing;
    const all: Traced[] = [];
    try {
      for (let i = 0; i < services; i++) {
        await Promise.all(RATIOS.map(async ([name, ratio]) => all.push(await start(context, name, ratio))));
      }
      for (const { service } of all) await warmUp(`${service.url}/v1/recommend`, bodiesFile, context.durations.warmUpS);
      // In turn, so that what else the machine does meets all alike.
      for (let round = 1; round <= rounds; round++) {
        for (const { name, service, perSecond } of all) {
          const url = `${service.url}/v1/recommend`;
          const run = await wrk({ url, bodiesFile, connections: CONNECTIONS, seconds: loadS });
          perSecond.push(run.requestsPerSecond);
          context.progress(
            `tracing ${name}, round ${round} of ${rounds}: ${run.requestsPerSecond.toFixed(0)} requests/s`,
          );
        }
      }
      const [off, onePercent, every] = await kindsOf(all);
      return {
        metrics: {
          offPerSecond: median(off.perSecond),
          onePercentPerSecond: median(onePercent.perSecond),
          allPerSecond: median(every.perSecond),
          onePercentVsOff: medianRatio(onePercent, off),
          allVsOff: medianRatio(every, off),
          onePercentSpans: onePercent.spans,
          allSpans: every.spans,
        },
        tables: [
          {
            title: `wrk, ${CONNECTIONS} connections, ${rounds} rounds of ${loadS} s, ${services} services of each kind`,
            columns: ['traced', 'requests/s', 'over off', 'answers in all', 'spans received', 'spans a traced answer'],
            rows: [off, onePercent, every].map((kind) => [
              kind.name,
              median(kind.perSecond),
              medianRatio(kind, off),
              kind.answers,
              kind.spans,
              kind.ratio === 0 ? '' : kind.spans / (kind.answers * kind.ratio),
            ]),
          },
        ],
        notes: [
          'Over off: within each round, the mean of its services over that of those without; the median of the rounds.',
          'Spans are counted after the services have ended, warm-up included. Off: no telemetry is exported at all.',
        ],
        distributions: [],
        details: { perSecond: all.map(({ name, perSecond }) => ({ name, perSecond })) },
      };
    } finally {
      await Promise.all(all.map(({ service }) => service.stop()));
      await Promise.all(all.map(({ receiver }) => receiver.close()));
    }
  },
};

async function start(context: BenchContext, name: string, ratio: number): Promise<Traced> {
  const receiver = await startSpanReceiver();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, SEGUE_TRACE_SAMPLE_RATIO: String(ratio) };
  const service = await context.startSegue(ratio === 0 ? {} : env);
  return { name, ratio, receiver, service, perSecond: [] };
}

/** Ends the services, which send what is left. @returns in the order of `RATIOS` */
async function kindsOf(all: readonly Traced[]): Promise<Kind[]> {
  const kinds: Kind[] = [];
  for (const [name, ratio] of RATIOS) {
    const ofKind = all.filter((one) => one.ratio === ratio);
    const counted = await Promise.all(ofKind.map(count));
    kinds.push({
      name,
      ratio,
      perSecond: ofKind[0].perSecond.map((_, round) => mean(ofKind.map(({ perSecond }) => perSecond[round]))),
      answers: sum(counted.map(({ answers }) => answers)),
      spans: sum(counted.map(({ spans }) => spans)),
    });
  }
  return kinds;
}

async function count({ service, receiver }: Traced): Promise<{ readonly answers: number; readonly spans: number }> {
  const levels = await answersByLevel(service);
  await service.terminate();
  return { answers: sum(Object.values(levels)), spans: receiver.spans };
}

/** Round by round, since the speed of the machine changes from one to the next more than from kind to kind. */
function medianRatio(kind: Kind, off: Kind): number {
  return median(kind.perSecond.map((perSecond, round) => perSecond / off.perSecond[round]));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

function mean(numbers: readonly number[]): number {
  return sum(numbers) / numbers.length;
}
