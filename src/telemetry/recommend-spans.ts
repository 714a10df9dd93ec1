/** The spans of one request, made after its response from what the stages wrote down. */
import { ROOT_CONTEXT, SpanKind, trace, type SpanContext, type Tracer } from '@opentelemetry/api';
import { STAGES, type RecommendRequest, type RecommendResponse } from '../recommend/types.js';

/** Times and counts by index of `STAGES`, on the monotonic clock; NaN where a stage did not run. */
export interface StageTimes {
  readonly receivedAtMs: number;
  readonly startMs: readonly number[];
  readonly ms: readonly number[];
  readonly in: readonly number[];
  readonly out: readonly number[];
}

/**
 * Makes `recommend` and one child a stage.
 *
 * @param originMs epoch milliseconds of the monotonic clock's zero
 * @returns the id of the trace
 */
export function makeRecommendSpans(
  tracer: Tracer,
  originMs: number,
  request: RecommendRequest,
  response: RecommendResponse,
  times: StageTimes,
  parent: SpanContext | undefined,
): string {
  const { serving } = response;
  const above = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
  const startMs = originMs + times.receivedAtMs;
  const root = tracer.startSpan(
    'recommend',
    {
      kind: SpanKind.SERVER,
      startTime: startMs,
      attributes: {
        'segue.request.id': response.requestId,
        'segue.surface': request.surface,
        'segue.variant': serving.variant,
        'segue.ranker': serving.ranker,
        'segue.generation': serving.generation,
        'segue.level': serving.degradation.level,
        'segue.cache': serving.cache,
        'segue.items': response.items.length,
      },
    },
    above,
  );
  const below = trace.setSpan(ROOT_CONTEXT, root);
  for (const [i, stage] of STAGES.entries()) {
    const ms = times.ms[i] ?? NaN;
    if (Number.isNaN(ms)) continue;
    const stageStartMs = originMs + (times.startMs[i] ?? 0);
    const attributes = { 'segue.stage.in': times.in[i] ?? 0, 'segue.stage.out': times.out[i] ?? 0 };
    tracer.startSpan(stage, { startTime: stageStartMs, attributes }, below).end(stageStartMs + ms);
  }
  for (const { stage, cause, detail } of serving.degradation.reasons) {
    root.addEvent('segue.degradation', { stage, cause, detail }, startMs + serving.elapsedMs);
  }
  root.end(startMs + serving.elapsedMs);
  return root.spanContext().traceId;
}
