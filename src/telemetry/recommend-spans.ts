/**
 * The spans of one request, made after its response from what the stages wrote down. They are over when they are made, so no tracer
 * starts and ends them (docs/DECISIONS.md).
 */
import {
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Attributes,
  type HrTime,
  type Link,
  type SpanContext,
} from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import { RandomIdGenerator, type ReadableSpan, type SpanProcessor, type TimedEvent } from '@opentelemetry/sdk-trace';
import { STAGES, type RecommendRequest, type RecommendResponse } from '../recommend/types.js';

/** Times and counts by index of `STAGES`, on the monotonic clock; NaN where a stage did not run. */
export interface StageTimes {
  readonly receivedAtMs: number;
  readonly startMs: readonly number[];
  readonly ms: readonly number[];
  readonly in: readonly number[];
  readonly out: readonly number[];
}

export interface RecommendSpansParts {
  /** What finished spans are handed to. */
  readonly processors: readonly Pick<SpanProcessor, 'onEnd'>[];
  readonly resource: Resource;
  /** Epoch milliseconds of the monotonic clock's zero. */
  readonly originMs: number;
}

const SCOPE = { name: 'segue' };
const UNSET = { code: SpanStatusCode.UNSET };
const NO_LINKS: Link[] = [];
const NO_EVENTS: TimedEvent[] = [];

export class RecommendSpans {
  private readonly ids = new RandomIdGenerator();

  constructor(private readonly parts: RecommendSpansParts) {}

  /**
   * Makes `recommend` and one child a stage.
   *
   * @returns the id of the trace
   */
  make(
    request: RecommendRequest,
    response: RecommendResponse,
    times: StageTimes,
    parent: SpanContext | undefined,
  ): string {
    const { serving } = response;
    const traceId = parent?.traceId ?? this.ids.generateTraceId();
    const startMs = this.parts.originMs + times.receivedAtMs;
    const context = this.contextOf(traceId);
    for (let i = 0; i < STAGES.length; i++) {
      const ms = times.ms[i];
      if (ms !== ms) continue;
      const attributes = { 'segue.stage.in': times.in[i], 'segue.stage.out': times.out[i] };
      const stageStartMs = this.parts.originMs + times.startMs[i];
      this.end(STAGES[i], this.contextOf(traceId), context, SpanKind.INTERNAL, stageStartMs, ms, attributes, NO_EVENTS);
    }
    const attributes = {
      'segue.request.id': response.requestId,
      'segue.surface': request.surface,
      'segue.variant': serving.variant,
      'segue.ranker': serving.ranker,
      'segue.generation': serving.generation,
      'segue.level': serving.degradation.level,
      'segue.cache': serving.cache,
      'segue.items': response.items.length,
    };
    const time = hrTimeOf(startMs + serving.elapsedMs);
    const events = serving.degradation.reasons.map(({ stage, cause, detail }) => ({
      name: 'segue.degradation',
      time,
      attributes: { stage, cause, detail },
    }));
    this.end('recommend', context, parent, SpanKind.SERVER, startMs, serving.elapsedMs, attributes, events);
    return traceId;
  }

  private contextOf(traceId: string): SpanContext {
    return { traceId, spanId: this.ids.generateSpanId(), traceFlags: TraceFlags.SAMPLED };
  }

  private end(
    name: string,
    context: SpanContext,
    parent: SpanContext | undefined,
    kind: SpanKind,
    startMs: number,
    ms: number,
    attributes: Attributes,
    events: TimedEvent[],
  ): void {
    const span: ReadableSpan = {
      name,
      kind,
      spanContext: () => context,
      ...(parent === undefined ? {} : { parentSpanContext: parent }),
      startTime: hrTimeOf(startMs),
      endTime: hrTimeOf(startMs + ms),
      duration: hrTimeOf(ms),
      status: UNSET,
      attributes,
      links: NO_LINKS,
      events,
      ended: true,
      resource: this.parts.resource,
      instrumentationScope: SCOPE,
      droppedAttributesCount: 0,
      droppedEventsCount: 0,
      droppedLinksCount: 0,
    };
    for (const processor of this.parts.processors) processor.onEnd(span);
  }
}

/** Seconds and nanoseconds. */
function hrTimeOf(ms: number): HrTime {
  const seconds = Math.trunc(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}
