/** An OTLP collector over HTTP that only counts the spans it is sent, so that it takes little of the cores. */
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';

/** ExportTraceServiceRequest.resource_spans, ResourceSpans.scope_spans, ScopeSpans.spans: field numbers from the outside in. */
const PATH_TO_SPANS = [1, 2, 2] as const;

export interface SpanReceiver {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint: string;
  readonly spans: number;
  /** Requests that could not be read. */
  readonly refused: number;
  close(): Promise<void>;
}

/** @throws Error for bytes that are no message */
export function countSpans(message: Uint8Array, path: readonly number[] = PATH_TO_SPANS): number {
  const [field, ...inner] = path;
  const reader = new BinaryReader(message);
  let count = 0;
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    if (number !== field || wireType !== WireType.LengthDelimited) reader.skip(wireType);
    else if (inner.length === 0) {
      reader.skip(wireType);
      count++;
    } else count += countSpans(reader.bytes(), inner);
  }
  return count;
}

export async function startSpanReceiver(): Promise<SpanReceiver> {
  let spans = 0;
  let refused = 0;
  const server = createServer((request, response) => {
    bodyOf(request).then(
      (body) => {
        if (request.url === '/v1/traces') spans += countSpans(body);
        response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
      },
      () => {
        refused++;
        response.destroy();
      },
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    get spans() {
      return spans;
    },
    get refused() {
      return refused;
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
