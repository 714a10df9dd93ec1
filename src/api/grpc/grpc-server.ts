/** The gRPC edge: the same handlers as HTTP, with health and reflection. */
import { create, toBinary, type DescMethod, type DescService } from '@bufbuild/protobuf';
import { Server, type handleUnaryCall, type ServiceDefinition } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import { EventsService, file_segue_v1_events, RecordResponseSchema } from '../../gen/segue/v1/events_pb.js';
import { file_segue_v1_recommend, RecommenderService } from '../../gen/segue/v1/recommend_pb.js';
import type { Arrivals } from '../arrivals.js';
import type { ConnectionLimit } from '../connections/connection-limit.js';
import type { Edge } from '../edge.js';
import type { RecordAnswer } from '../handlers.js';
import { BODY_BYTES_MAX } from '../http/json-body.js';
import type { Readiness } from '../readiness.js';
import { encodeRecommendResponse } from './encode-response.js';
import { GrpcListener, IDLE_MS } from './grpc-listener.js';
import { guardCalls } from './guard-calls.js';
import { headerOf } from './header-of.js';
import { unaryMethod } from './method.js';
import { OpenCalls } from './open-calls.js';
import { reflectionOf } from './reflection.js';

/** Calls of one connection at once; more wait in their client. */
const STREAMS_MAX = 256;
/** A connection that was silent so long is asked whether anyone is there, and closed if not. */
const KEEPALIVE_MS = 30_000;
const KEEPALIVE_TIMEOUT_MS = 10_000;

export interface GrpcParts {
  readonly edge: Edge;
  readonly readiness: Readiness;
  readonly connections: ConnectionLimit;
  readonly arrivals: Pick<Arrivals, 'next'>;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  /** Epoch milliseconds. */
  readonly wallMs: () => number;
}

function identity<T>(bytes: T): T {
  return bytes;
}

function definitionOf(method: DescMethod): ServiceDefinition[string] {
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream: false,
    responseStream: false,
    requestSerialize: identity,
    requestDeserialize: identity,
    responseSerialize: (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    responseDeserialize: identity,
  };
}

function encodeRecordAnswer({ accepted, duplicates, rejected }: RecordAnswer): Uint8Array {
  return toBinary(
    RecordResponseSchema,
    create(RecordResponseSchema, { accepted, duplicates, rejected: [...rejected] }),
  );
}

function addMethod(server: Server, method: DescMethod, handler: handleUnaryCall<Buffer, Uint8Array>): void {
  server.addService({ [method.name]: definitionOf(method) }, { [method.name]: handler });
}

/** The client's deadline on the monotonic clock. */
function deadlineOf(deadline: Date | number, parts: GrpcParts): { readonly deadlineMs?: number } {
  const epochMs = typeof deadline === 'number' ? deadline : deadline.getTime();
  return Number.isFinite(epochMs) ? { deadlineMs: parts.now() + epochMs - parts.wallMs() } : {};
}

function healthOf(services: readonly DescService[], readiness: Readiness): HealthImplementation {
  const names = ['', ...services.map((service) => service.typeName)];
  const health = new HealthImplementation();
  readiness.watch((ready) => {
    for (const name of names) health.setStatus(name, ready ? 'SERVING' : 'NOT_SERVING');
  });
  return health;
}

/** Not listening yet. */
export function createGrpcServer(parts: GrpcParts): GrpcListener {
  const { edge, connections, now } = parts;
  const openCalls = new OpenCalls({ edge, connections, now });
  const server = new Server({
    'grpc.max_receive_message_length': BODY_BYTES_MAX,
    'grpc.max_concurrent_streams': STREAMS_MAX,
    'grpc.keepalive_time_ms': KEEPALIVE_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
    'grpc.max_connection_idle_ms': IDLE_MS,
    'grpc.max_send_message_length': -1,
    interceptors: [guardCalls(edge, openCalls)],
  });
  const { recommend } = RecommenderService.method;
  addMethod(
    server,
    recommend,
    unaryMethod(
      recommend.input,
      edge,
      ({ message, call, client, signal, arrival }) => {
        const traceparent = headerOf(call.metadata, 'traceparent');
        const context = {
          arrival,
          signal,
          ...deadlineOf(call.getDeadline(), parts),
          ...(traceparent !== undefined && { traceparent }),
        };
        return edge.recommend(message, context, client, encodeRecommendResponse);
      },
      parts.arrivals,
    ),
  );
  const { record } = EventsService.method;
  addMethod(
    server,
    record,
    unaryMethod(
      record.input,
      edge,
      ({ message, client, signal }) => edge.record(message, signal, client, encodeRecordAnswer),
      parts.arrivals,
    ),
  );
  healthOf([RecommenderService, EventsService], parts.readiness).addToServer(server);
  reflectionOf([file_segue_v1_recommend, file_segue_v1_events]).addToServer(server);
  return new GrpcListener(server, connections, openCalls);
}
