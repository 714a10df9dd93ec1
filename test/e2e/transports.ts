/** Calls Segue over HTTP and over gRPC in the same words, so that one table of cases tests both. */
import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type DescMethodUnary,
  type MessageInitShape,
} from '@bufbuild/protobuf';
import { Client, credentials, Metadata, type CallOptions, type ServiceError } from '@grpc/grpc-js';
import { STATUS_OF, type ErrorCode } from '../../src/errors.js';
import { EventsService } from '../../src/gen/segue/v1/events_pb.js';
import { RecommenderService } from '../../src/gen/segue/v1/recommend_pb.js';

export type MethodName = 'recommend' | 'events';

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly field: string | undefined;
  /** Whether the status is the one of the code. */
  readonly statusFits: boolean;
}
export type Outcome = { readonly answer: Record<string, unknown> } | { readonly refusal: Refusal };

export interface CallSettings {
  readonly key?: string;
  readonly traceparent?: string;
  readonly deadlineMs?: number;
}

export interface Transport {
  readonly name: 'http' | 'grpc';
  call(method: MethodName, message: object, settings?: CallSettings): Promise<Outcome>;
  /** Bytes as they are: a JSON body, or an encoded message. */
  send(method: MethodName, bytes: Uint8Array, settings?: CallSettings): Promise<Outcome>;
  close(): void;
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(STATUS_OF, code);
}

function headersOf({ key, traceparent }: CallSettings): Record<string, string> {
  return {
    ...(key !== undefined && { authorization: `Bearer ${key}` }),
    ...(traceparent !== undefined && { traceparent }),
  };
}

export function httpTransport(port: number): Transport {
  async function send(method: MethodName, bytes: Uint8Array, settings: CallSettings = {}): Promise<Outcome> {
    const response = await fetch(`http://127.0.0.1:${port}/v1/${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headersOf(settings) },
      body: Buffer.from(bytes),
    });
    const body = (await response.json()) as Record<string, unknown>;
    if (response.ok) return { answer: body };
    const code = String(body.code);
    return {
      refusal: {
        code,
        message: String(body.message),
        field: typeof body.field === 'string' ? body.field : undefined,
        statusFits: isErrorCode(code) && STATUS_OF[code].http === response.status,
      },
    };
  }
  return {
    name: 'http',
    send,
    call: (method, message, settings) => send(method, Buffer.from(JSON.stringify(message)), settings),
    close: () => undefined,
  };
}

const METHOD: Readonly<Record<MethodName, DescMethodUnary>> = {
  recommend: RecommenderService.method.recommend,
  events: EventsService.method.record,
};

function refusalOf(error: ServiceError): Refusal {
  const [code = ''] = error.metadata.get('segue-code').map(String);
  const [field] = error.metadata.get('segue-field').map(String);
  const status: number = error.code;
  return {
    code,
    message: error.details,
    field,
    statusFits: isErrorCode(code) && STATUS_OF[code].grpc === status,
  };
}

export function grpcTransport(port: number): Transport {
  // A connection of its own, as each program has.
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
  function send(method: MethodName, bytes: Uint8Array, settings: CallSettings = {}): Promise<Outcome> {
    const { parent, name, output } = METHOD[method];
    const metadata = new Metadata();
    for (const [header, value] of Object.entries(headersOf(settings))) metadata.set(header, value);
    const options: CallOptions =
      settings.deadlineMs === undefined ? {} : { deadline: Date.now() + settings.deadlineMs };
    return new Promise((resolve) => {
      client.makeUnaryRequest(
        `/${parent.typeName}/${name}`,
        (value: Uint8Array) => Buffer.from(value),
        (value: Buffer) => value,
        bytes,
        metadata,
        options,
        (error, value) => {
          if (error !== null) resolve({ refusal: refusalOf(error) });
          else resolve({ answer: { ...fromBinary(output, value ?? new Uint8Array()) } });
        },
      );
    });
  }
  return {
    name: 'grpc',
    send,
    call: (method, message, settings) => {
      const input: DescMessage = METHOD[method].input;
      return send(method, toBinary(input, create(input, message as MessageInitShape<DescMessage>)), settings);
    },
    close: () => {
      client.close();
    },
  };
}
