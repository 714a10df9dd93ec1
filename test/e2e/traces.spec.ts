import { StageTrace } from '../../src/recommend/stage.js';
import { STAGES, type RecommendResponse } from '../../src/recommend/types.js';
import type { RecommendContext } from '../../src/api/handlers.js';
import type { RecommendRequest } from '../../src/recommend/types.js';
import { startOtlpReceiver, type OtlpReceiver, type ReceivedSpan } from '../otlp-receiver.js';
import { startEdge, type EdgeServers } from './edge-servers.js';
import { grpcTransport, httpTransport, type Transport } from './transports.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';

/** Runs through the stages, each with its number as count in and the next as count out, and tells telemetry as the pipeline does. */
function walk(request: RecommendRequest, call: RecommendContext): Promise<RecommendResponse> {
  const trace = new StageTrace(call.receivedAtMs, call.receivedAtMs + 100, () => performance.now());
  for (const [i, stage] of STAGES.entries()) {
    trace.begin(stage);
    trace.count(stage, i, i + 1);
    trace.end(stage);
  }
  const response: RecommendResponse = {
    requestId: request.requestId,
    items: [],
    serving: {
      variant: 'default',
      ranker: 'next-track@1',
      generation: 'g1',
      degradation: { level: 'reduced', reasons: [{ stage: 'retrieve', cause: 'timeout', detail: 'late' }] },
      cache: 'miss',
      budgetMs: 100,
      elapsedMs: performance.now() - call.receivedAtMs,
      stages: [],
    },
  };
  setImmediate(() => {
    edge.telemetry.served({ request, call, response, trace, ranked: { sources: Uint8Array.of(1, 3, 0) } });
  });
  return Promise.resolve(response);
}

let receiver: OtlpReceiver;
let edge: EdgeServers;
let transports: readonly Transport[];

beforeAll(async () => {
  receiver = await startOtlpReceiver();
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = receiver.endpoint;
  process.env.OTEL_BSP_SCHEDULE_DELAY = '10';
  process.env.OTEL_METRIC_EXPORT_INTERVAL = '50';
  edge = await startEdge({
    recommender: { recommend: walk },
    recorder: { record: () => Promise.resolve({ accepted: 2, duplicates: 1, rejected: [] }) },
  });
  transports = [httpTransport(edge.httpPort), grpcTransport(edge.grpcPort)];
});

afterAll(async () => {
  for (const transport of transports) transport.close();
  await edge.close();
  await receiver.close();
  delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
  delete process.env.OTEL_BSP_SCHEDULE_DELAY;
  delete process.env.OTEL_METRIC_EXPORT_INTERVAL;
});

/** The root of a request and, by their start, its stages. */
async function traceOf(requestId: string): Promise<{ root: ReceivedSpan; stages: ReceivedSpan[] }> {
  return receiver.until(() => {
    const root = receiver.spans.find((span) => span.attributes['segue.request.id'] === requestId);
    const stages = receiver.spans.filter((span) => span.parentSpanId === root?.spanId);
    stages.sort((a, b) => Number(a.startNs - b.startNs));
    return root === undefined || stages.length < STAGES.length ? undefined : { root, stages };
  });
}

it.each([[0], [1]])('sends the root and every stage, in order, with counts in and out (transport %i)', async (i) => {
  const requestId = `traced-${i}`;
  await transports[i].call('recommend', { listenerId: 'l', surface: 'radio', requestId });
  const { root, stages } = await traceOf(requestId);
  expect(root.name).toBe('recommend');
  expect(root.parentSpanId).toBe('');
  expect(root.resource['service.name']).toBe('segue');
  expect(root.events).toEqual([
    { name: 'segue.degradation', attributes: { stage: 'retrieve', cause: 'timeout', detail: 'late' } },
  ]);
  expect(stages.map((stage) => stage.name)).toEqual([...STAGES]);
  for (const [n, stage] of stages.entries()) {
    expect(stage.attributes).toEqual({ 'segue.stage.in': n, 'segue.stage.out': n + 1 });
    expect(stage.traceId).toBe(root.traceId);
    expect(stage.startNs).toBeGreaterThanOrEqual(root.startNs);
    expect(stage.endNs).toBeGreaterThanOrEqual(stage.startNs);
    expect(stage.endNs).toBeLessThanOrEqual(root.endNs + 1_000_000n);
  }
});

it.each([[0], [1]])('goes on with the trace of the caller, and only if that is sampled (transport %i)', async (i) => {
  const call = (requestId: string, flags: string) =>
    transports[i].call(
      'recommend',
      { listenerId: 'l', surface: 'radio', requestId },
      { traceparent: `00-${TRACE}-${CALLER}-${flags}` },
    );
  await call(`unsampled-${i}`, '00');
  await call(`sampled-${i}`, '01');
  const { root } = await traceOf(`sampled-${i}`);
  expect(root).toMatchObject({ traceId: TRACE, parentSpanId: CALLER });
  expect(receiver.spans.some((span) => span.attributes['segue.request.id'] === `unsampled-${i}`)).toBe(false);
});

it('exports metrics and shows them at /metrics', async () => {
  await transports[0].call('events', { events: [] });
  await receiver.until(() => (receiver.metricNames.has('segue.recommend.duration') ? true : undefined));
  const text = await (await fetch(`http://127.0.0.1:${edge.httpPort}/metrics`)).text();
  expect(text).toMatch(/^segue_recommend_duration_seconds_count\{surface="radio",level="reduced"\} \d+$/m);
  expect(text).toMatch(/^segue_stage_duration_seconds_bucket\{stage="blend",le="\+Inf"\} \d+$/m);
  expect(text).toMatch(/^segue_degradation_total\{level="reduced",stage="retrieve",cause="timeout"\} \d+$/m);
  expect(text).toMatch(/^segue_source_candidates_total\{source="neighbours"\} \d+$/m);
  expect(text).toMatch(/^segue_events_total\{outcome="accepted"\} 2$/m);
  expect(text).toMatch(/^segue_events_total\{outcome="duplicate"\} 1$/m);
});
