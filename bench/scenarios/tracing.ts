/** What tracing costs: none, one request in a hundred, every request, with a real collector that counts spans. */
import type { Service } from '../../test/service.js';
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
  readonly perSecond: number[];
}

interface Counted {
  readonly answers: number;
  readonly spans: number;
}

export const tracing: Scenario = {
  name: 'tracing',
  title: 'Throughput with tracing off, at 1 % and at 100 %',
  run: async (context) => {
    const { bodiesFile } = await context.demo();
    const { rounds, loadS, warmUpS } = context.durations;
    const all: Traced[] = [];
    try {
      await Promise.all(
        RATIOS.map(async ([name, ratio], i) => {
          const receiver = await startSpanReceiver();
          const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, SEGUE_TRACE_SAMPLE_RATIO: String(ratio) };
          const service = await context.startSegue(ratio === 0 ? {} : env);
          all[i] = { name, ratio, receiver, service, perSecond: [] };
        }),
      );
      for (const { service } of all) await warmUp(`${service.url}/v1/recommend`, bodiesFile, warmUpS);
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
      const counted = await Promise.all(all.map(count));
      const [off, onePercent, every] = all.map(({ perSecond }) => median(perSecond));
      return {
        metrics: {
          offPerSecond: off,
          onePercentPerSecond: onePercent,
          allPerSecond: every,
          onePercentSpans: counted[1].spans,
          allSpans: counted[2].spans,
        },
        tables: [
          {
            title: `wrk, ${CONNECTIONS} connections`,
            columns: ['traced', 'requests/s', 'answers in all', 'spans received', 'spans a traced answer'],
            rows: all.map(({ name, ratio, perSecond }, i) => [
              name,
              median(perSecond),
              counted[i].answers,
              counted[i].spans,
              ratio === 0 ? '' : counted[i].spans / (counted[i].answers * ratio),
            ]),
          },
        ],
        notes: [
          'Spans are counted after the services have ended, warm-up included. Off: no telemetry is exported at all.',
        ],
        distributions: [],
        details: { perSecond: all.map(({ name, perSecond }) => ({ name, perSecond })), counted },
      };
    } finally {
      await Promise.all(all.map(({ service }) => service.stop()));
      await Promise.all(all.map(({ receiver }) => receiver.close()));
    }
  },
};

/** Ends the service, which sends what is left. */
async function count({ service, receiver }: Traced): Promise<Counted> {
  const levels = await answersByLevel(service);
  await service.terminate();
  return { answers: Object.values(levels).reduce((sum, one) => sum + one, 0), spans: receiver.spans };
}
