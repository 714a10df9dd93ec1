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
    const { originMs, resource } = this.parts;
    const startMs = originMs + times.receivedAtMs;
    const context = this.contextOf(traceId);
    for (let i = 0; i < STAGES.length; i++) {
      const ms = times.ms[i];
      if (ms !== ms) continue;
      this.end(
        new FinishedSpan({
          name: STAGES[i],
          kind: SpanKind.INTERNAL,
          context: this.contextOf(traceId),
          parent: context,
          startMs: originMs + times.startMs[i],
          ms,
          attributes: { 'segue.stage.in': times.in[i], 'segue.stage.out': times.out[i] },
          events: NO_EVENTS,
          resource,
        }),
      );
    }
    const { elapsedMs, degradation } = serving;
    const time = hrTimeOf(startMs + elapsedMs);
    this.end(
      new FinishedSpan({
        name: 'recommend',
        kind: SpanKind.SERVER,
        context,
        parent,
        startMs,
        ms: elapsedMs,
        attributes: {
          'segue.request.id': response.requestId,
          'segue.surface': request.surface,
          'segue.variant': serving.variant,
          'segue.ranker': serving.ranker,
          'segue.generation': serving.generation,
          'segue.level': degradation.level,
          'segue.cache': serving.cache,
          'segue.items': response.items.length,
        },
        events: degradation.reasons.map(({ stage, cause, detail }) => ({
          name: 'segue.degradation',
          time,
          attributes: { stage, cause, detail },
        })),
        resource,
      }),
    );
    return traceId;
  }

  private contextOf(traceId: string): SpanContext {
    return { traceId, spanId: this.ids.generateSpanId(), traceFlags: TraceFlags.SAMPLED };
  }

  private end(span: FinishedSpan): void {
    for (const processor of this.parts.processors) processor.onEnd(span);
  }
}

interface FinishedSpanParts {
  readonly name: string;
  readonly kind: SpanKind;
  readonly context: SpanContext;
  readonly parent: SpanContext | undefined;
  readonly startMs: number;
  readonly ms: number;
  readonly attributes: Attributes;
  readonly events: TimedEvent[];
  readonly resource: Resource;
}

/** All have one shape, so that V8 makes each at once: ten thousand a second and more when every request is traced. */
class FinishedSpan implements ReadableSpan {
  readonly name: string;
  readonly kind: SpanKind;
  readonly parentSpanContext?: SpanContext;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly attributes: Attributes;
  readonly events: TimedEvent[];
  readonly resource: Resource;
  readonly status = UNSET;
  readonly links = NO_LINKS;
  readonly ended = true;
  readonly instrumentationScope = SCOPE;
  readonly droppedAttributesCount = 0;
  readonly droppedEventsCount = 0;
  readonly droppedLinksCount = 0;
  private readonly context: SpanContext;
  private readonly ms: number;

  constructor({ name, kind, context, parent, startMs, ms, attributes, events, resource }: FinishedSpanParts) {
    this.name = name;
    this.kind = kind;
    if (parent !== undefined) this.parentSpanContext = parent;
    this.startTime = hrTimeOf(startMs);
    this.endTime = hrTimeOf(startMs + ms);
    this.attributes = attributes;
    this.events = events;
    this.resource = resource;
    this.context = context;
    this.ms = ms;
  }

  get duration(): HrTime {
    return hrTimeOf(this.ms);
  }

  spanContext(): SpanContext {
    return this.context;
  }
}

/** Seconds and nanoseconds. */
function hrTimeOf(ms: number): HrTime {
  const seconds = Math.trunc(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}
