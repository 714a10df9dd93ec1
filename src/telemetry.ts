/** OpenTelemetry of one process: metrics, and the spans of sampled requests. No automatic instrumentation. */
import { performance } from 'node:perf_hooks';
import { TraceFlags, type Meter, type SpanContext } from '@opentelemetry/api';
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources';
import { MeterProvider, type IMetricReader, type MetricProducer } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace';
import type { ErrorCode } from './errors.js';
import { SOURCE_BIT, SOURCES, type Source } from './features/candidates.js';
import type { Log } from './log.js';
import type { RecommendRequest, RecommendResponse, StageName } from './recommend/types.js';
import { createInstruments, type Instruments, type Transport } from './telemetry/instruments.js';
import { observeProcess } from './telemetry/process-gauges.js';
import { PullReader } from './telemetry/pull-reader.js';
import { RecommendSpans, type StageTimes } from './telemetry/recommend-spans.js';
import { RequestMetrics, type HistogramSeries } from './telemetry/request-metrics.js';
import { snapshotOf, type Snapshot } from './telemetry/snapshot.js';
import { parseTraceparent } from './telemetry/traceparent.js';

export interface TelemetryOptions {
  /** Slot in the cluster. */
  readonly process: number | 'primary';
  /** Share of requests that are traced where the caller did not decide it. */
  readonly sampleRatio: number;
  readonly log: Log;
  readonly random: () => number;
}

/** What there is to tell of an answered request. */
export interface ServedRequest {
  readonly request: RecommendRequest;
  readonly call: { readonly traceparent?: string | undefined; readonly shed?: object | undefined };
  readonly response: RecommendResponse;
  readonly trace: StageTimes;
  /** Bits of SOURCE_BIT of each ranked candidate. */
  readonly ranked: { readonly sources: Uint8Array };
}

interface Exporters {
  readonly readers: (metricProducers: MetricProducer[]) => IMetricReader[];
  readonly spanProcessors: BatchSpanProcessor[];
}

const CLOSE_MS_MAX = 3000;

/** A positive number out of a variable of OpenTelemetry. */
function millisecondsOf(variable: string, fallback: number): number {
  const value = Number(process.env[variable]);
  return value > 0 ? value : fallback;
}

/** OTLP over HTTP, once an endpoint is set; the exporters read the other `OTEL_EXPORTER_OTLP_*` variables themselves. */
async function otlpExporters(): Promise<Exporters | undefined> {
  if ((process.env.OTEL_EXPORTER_OTLP_ENDPOINT ?? '') === '') return undefined;
  const { OTLPMetricExporter } = await import('@opentelemetry/exporter-metrics-otlp-proto');
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto');
  const { PeriodicExportingMetricReader } = await import('@opentelemetry/sdk-metrics');
  const intervalMs = millisecondsOf('OTEL_METRIC_EXPORT_INTERVAL', 60_000);
  return {
    readers: (metricProducers) => [
      new PeriodicExportingMetricReader({
        metricProducers,
        exporter: new OTLPMetricExporter(),
        exportIntervalMillis: intervalMs,
        exportTimeoutMillis: Math.min(intervalMs, 30_000),
      }),
    ],
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter(),
        scheduledDelayMillis: millisecondsOf('OTEL_BSP_SCHEDULE_DELAY', 5000),
      }),
    ],
  };
}

export class Telemetry {
  /** For the gauges of other parts. */
  readonly meter: Meter;
  /** For what other parts record of every request. */
  readonly requests: RequestMetrics;
  private readonly instruments: Instruments;
  private readonly spans: RecommendSpans;
  private readonly pull: PullReader;
  private readonly meters: MeterProvider;
  private readonly stopGauges: () => void;
  private readonly cacheLookups = { hit: 0, miss: 0, stale: 0, off: 0 };
  /** Ranked candidates by the bits of their sources. */
  private readonly candidatesBySources = new Float64Array(1 << SOURCES.length);

  private constructor(
    private readonly options: TelemetryOptions,
    private readonly exporters: Exporters | undefined,
  ) {
    const resource = defaultResource()
      .merge(resourceFromAttributes({ 'service.name': 'segue', 'segue.process': String(options.process) }))
      .merge(detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] }));
    this.requests = new RequestMetrics(resource);
    const metricProducers = [this.requests];
    this.pull = new PullReader({ metricProducers });
    this.meters = new MeterProvider({ resource, readers: [this.pull, ...(exporters?.readers(metricProducers) ?? [])] });
    this.spans = new RecommendSpans({
      processors: exporters?.spanProcessors ?? [],
      resource,
      originMs: performance.timeOrigin,
    });
    this.meter = this.meters.getMeter('segue');
    this.instruments = createInstruments(this.requests, this.meter);
    this.stopGauges = observeProcess(this.meter);
    this.observeServed();
  }

  static async start(options: TelemetryOptions): Promise<Telemetry> {
    return new Telemetry(options, await otlpExporters());
  }

  /** Counts and, if it is sampled, traces an answered request. Call it after the response, outside of its time. */
  served({ request, call, response, trace, ranked }: ServedRequest): void {
    const { instruments } = this;
    const { degradation, cache, elapsedMs } = response.serving;
    const { level } = degradation;
    instruments
      .recommendDuration(request.surface)(level)
      .record(elapsedMs / 1000);
    // Answers without work would hide what the stages take, and there may be very many of them.
    if (call.shed === undefined) {
      recordStages(instruments.stageDurations, trace.ms);
      this.cacheLookups[cache]++;
    }
    for (const { stage, cause } of degradation.reasons) {
      instruments.degradation(level)(stage)(cause).add(1);
    }
    const { sources } = ranked;
    for (let i = 0; i < sources.length; i++) this.candidatesBySources[sources[i]]++;
    const parent = call.traceparent === undefined ? undefined : parseTraceparent(call.traceparent);
    const traceId = this.isSampled(parent) ? this.spans.make(request, response, trace, parent) : parent?.traceId;
    const { log } = this.options;
    if (log.isLevelEnabled('debug')) {
      log.debug({ requestId: response.requestId, traceId, level, reasons: degradation.reasons, elapsedMs }, 'served');
    }
  }

  unknownIds(count: number): void {
    this.instruments.unknownIds.add(count);
  }

  late(stage: StageName): void {
    this.instruments.lateResults.add(1, { stage });
  }

  failed(transport: Transport, code: ErrorCode): void {
    this.instruments.errors(transport)(code).add(1);
  }

  events(outcome: 'accepted' | 'duplicate' | 'rejected', count: number): void {
    if (count > 0) this.instruments.events.add(count, { outcome });
  }

  /** A counter that is kept elsewhere, read when it is exported. */
  observeCounter(name: string, description: string, label: string, read: () => Readonly<Record<string, number>>): void {
    this.meter.createObservableCounter(name, { description }).addCallback((result) => {
      for (const [value, count] of Object.entries(read())) result.observe(count, { [label]: value });
    });
  }

  /** A gauge that is kept elsewhere, read when it is exported. */
  observeGauge(
    name: string,
    description: string,
    unit: string,
    label: string,
    read: () => Readonly<Record<string, number>>,
  ): void {
    this.meter.createObservableGauge(name, { description, unit }).addCallback((result) => {
      for (const [value, amount] of Object.entries(read())) result.observe(amount, { [label]: value });
    });
  }

  async snapshot(): Promise<Snapshot> {
    const { resourceMetrics } = await this.pull.collect();
    return snapshotOf(resourceMetrics);
  }

  /** Sends what is waiting. A collector that is down must not hold up the end of the process: the exporters try for 10 s. */
  async close(): Promise<void> {
    this.stopGauges();
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(late.reject, CLOSE_MS_MAX, 'the collector does not answer');
    const processors = this.exporters?.spanProcessors ?? [];
    const closing = [...processors.map((processor) => processor.shutdown()), this.meters.shutdown()];
    const ended = await Promise.allSettled(closing.map((closed) => Promise.race([closed, late.promise])));
    clearTimeout(timer);
    for (const result of ended) {
      if (result.status === 'rejected')
        this.options.log.warn({ error: String(result.reason) }, 'telemetry did not close');
    }
  }

  /** What is counted in plain memory. */
  private observeServed(): void {
    this.observeCounter('segue.cache.lookups', 'Answers by what the cache had for them.', 'outcome', () =>
      Object.fromEntries(Object.entries(this.cacheLookups).filter(([, count]) => count > 0)),
    );
    const candidates = 'Ranked candidates by source; one with several sources counts for each.';
    this.observeCounter('segue.source.candidates', candidates, 'source', () => {
      const counts: Partial<Record<Source, number>> = {};
      for (const source of SOURCES) {
        const count = this.candidatesBySources.reduce(
          (sum, of, bits) => ((bits & SOURCE_BIT[source]) === 0 ? sum : sum + of),
          0,
        );
        if (count > 0) counts[source] = count;
      }
      return counts;
    });
  }

  private isSampled(parent: SpanContext | undefined): boolean {
    if (this.exporters === undefined) return false;
    if (parent !== undefined) return (parent.traceFlags & TraceFlags.SAMPLED) !== 0;
    return this.options.random() < this.options.sampleRatio;
  }
}

/** @param ms by index of `STAGES`; NaN where one did not run */
function recordStages(durations: readonly HistogramSeries[], ms: readonly number[]): void {
  for (let i = 0; i < durations.length; i++) {
    const seconds = Math.max(0, ms[i]) / 1000;
    if (seconds === seconds) durations[i].record(seconds);
  }
}
