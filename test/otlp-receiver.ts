/** An OTLP collector over HTTP that keeps what it receives. */
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { loadSync, type MethodDefinition } from '@grpc/proto-loader';

export type Attributes = Readonly<Record<string, string | number | boolean>>;

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly attributes: Attributes;
  readonly events: readonly { readonly name: string; readonly attributes: Attributes }[];
  readonly resource: Attributes;
}

export interface OtlpReceiver {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint: string;
  readonly spans: readonly ReceivedSpan[];
  readonly metricNames: ReadonlySet<string>;
  /** Resolves as soon as something that arrived makes `find` give something. */
  until<T>(find: () => T | undefined): Promise<T>;
  close(): Promise<void>;
}

interface KeyValue {
  readonly key: string;
  readonly value?: { readonly value: string } & Readonly<Record<string, string | number | boolean>>;
}
interface RawSpan {
  readonly traceId: Buffer;
  readonly spanId: Buffer;
  readonly parentSpanId: Buffer;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly KeyValue[];
  readonly events: readonly { readonly name: string; readonly attributes: readonly KeyValue[] }[];
}
interface RawTraces {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly { readonly spans: readonly RawSpan[] }[];
  }[];
}
interface RawMetrics {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly { readonly metrics: readonly { readonly name: string }[] }[];
  }[];
}

const definition = loadSync(`${import.meta.dirname}/fixtures/otlp/collector.proto`, {
  longs: String,
  defaults: true,
  arrays: true,
  oneofs: true,
});

function exportOf(service: 'otlp.Traces' | 'otlp.Metrics'): MethodDefinition<object, object> {
  const { Export } = definition[service] as unknown as { Export: MethodDefinition<object, object> };
  return Export;
}

const TRACES = exportOf('otlp.Traces');
const METRICS = exportOf('otlp.Metrics');

function attributesOf(pairs: readonly KeyValue[]): Attributes {
  return Object.fromEntries(
    pairs.map(({ key, value }) => {
      const held = value === undefined ? '' : (value[value.value] ?? '');
      return [key, value?.value === 'intValue' ? Number(held) : held];
    }),
  );
}

function spansOf({ resourceSpans }: RawTraces): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        traceId: span.traceId.toString('hex'),
        spanId: span.spanId.toString('hex'),
        parentSpanId: span.parentSpanId.toString('hex'),
        name: span.name,
        startNs: BigInt(span.startTimeUnixNano),
        endNs: BigInt(span.endTimeUnixNano),
        attributes: attributesOf(span.attributes),
        events: span.events.map(({ name, attributes }) => ({ name, attributes: attributesOf(attributes) })),
        resource: attributesOf(resource.attributes),
      })),
    ),
  );
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const metricNames = new Set<string>();
  const watchers = new Set<() => void>();

  async function receive(request: IncomingMessage): Promise<void> {
    const body = await bodyOf(request);
    if (request.url === '/v1/traces') spans.push(...spansOf(TRACES.requestDeserialize(body) as RawTraces));
    if (request.url === '/v1/metrics') {
      for (const { scopeMetrics } of (METRICS.requestDeserialize(body) as RawMetrics).resourceMetrics) {
        for (const { name } of scopeMetrics.flatMap((scope) => scope.metrics)) metricNames.add(name);
      }
    }
    for (const watch of watchers) watch();
  }

  const server = createServer((request, response) => {
    receive(request).then(
      () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end(),
      (error: unknown) => response.writeHead(400).end(String(error)),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');

  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    spans,
    metricNames,
    until: (find) =>
      new Promise((resolve) => {
        const watch = (): void => {
          const found = find();
          if (found === undefined) return;
          watchers.delete(watch);
          resolve(found);
        };
        watchers.add(watch);
        watch();
      }),
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
