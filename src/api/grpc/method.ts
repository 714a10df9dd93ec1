/** One unary method: from bytes to a checked message, to the edge, and back to bytes or a coded status. */
import { fromBinary, type DescMessage, type MessageShape } from '@bufbuild/protobuf';
import { Metadata, status, type handleUnaryCall, type ServerUnaryCall, type StatusObject } from '@grpc/grpc-js';
import { STATUS_OF, type SegueError } from '../../errors.js';
import type { Client } from '../clients.js';
import type { Edge } from '../edge.js';
import { SMALL_BODY_BYTES } from '../http/json-body.js';
import { checkWire, wirePlan } from './check-wire.js';
import { addRetryHint } from './retry-hint.js';

/** Trailers of an error. */
export const CODE_TRAILER = 'segue-code';
export const FIELD_TRAILER = 'segue-field';

type Call = ServerUnaryCall<Buffer, Uint8Array>;

const STATUS_BY_NUMBER = new Map<number, status>(
  Object.values(status).flatMap((value) => (typeof value === 'number' ? [[value, value] as const] : [])),
);

function asStatus({ code, message, field, retryAfterMs }: SegueError): Partial<StatusObject> {
  const metadata = new Metadata();
  metadata.set(CODE_TRAILER, code);
  if (field !== undefined) metadata.set(FIELD_TRAILER, field);
  const number = STATUS_OF[code].grpc;
  if (retryAfterMs !== undefined) addRetryHint(metadata, number, message, retryAfterMs);
  return { code: STATUS_BY_NUMBER.get(number) ?? status.UNKNOWN, details: message, metadata };
}

/** The first value of a header, where it is text. */
export function headerOf(metadata: Metadata, name: string): string | undefined {
  const [value] = metadata.get(name);
  return typeof value === 'string' ? value : undefined;
}

/** A decoded call of a client that was let in. */
export interface Received<Input extends DescMessage> {
  readonly message: MessageShape<Input>;
  readonly call: Call;
  readonly client: Client;
  /** Aborted when the client went away. */
  readonly signal: AbortSignal;
  /** Monotonic, milliseconds. */
  readonly receivedAtMs: number;
}

/** What a method answers with: the answer's bytes are made at the client's expense. */
export type Encode = () => Uint8Array;

/**
 * Decodes strictly, what the library does not: grpc-js would answer a failing deserialiser with INTERNAL, so bytes come to us as
 * they are.
 */
export function unaryMethod<Input extends DescMessage>(
  input: Input,
  edge: Edge,
  answer: (received: Received<Input>) => Promise<Encode>,
  now: () => number,
): handleUnaryCall<Buffer, Uint8Array> {
  const plan = wirePlan(input);

  function decoded({ request }: Call): MessageShape<Input> {
    checkWire(plan, request);
    return fromBinary(input, request, { readUnknownFields: false });
  }

  async function letIn(call: Call): Promise<Client> {
    try {
      return edge.enter(headerOf(call.metadata, 'authorization'));
    } catch (error) {
      await edge.holdBack();
      throw error;
    }
  }

  async function run(call: Call, client: Client, signal: AbortSignal): Promise<Uint8Array> {
    const receivedAtMs = now();
    const message =
      call.request.length > SMALL_BODY_BYTES ? await edge.inTurn(client, () => decoded(call)) : decoded(call);
    const encode = await answer({ message, call, client, signal, receivedAtMs });
    return edge.charged(client, encode);
  }

  return (call, callback) => {
    const gone = new AbortController();
    let answered = false;
    let client: Client | undefined;
    call.on('cancelled', () => {
      if (!answered) gone.abort();
    });
    letIn(call)
      .then((found) => {
        client = found;
        return run(call, found, gone.signal);
      })
      .then(
        (bytes) => {
          answered = true;
          callback(null, bytes);
        },
        (error: unknown) => {
          answered = true;
          callback(asStatus(edge.failure(error, 'grpc', client)));
        },
      );
  };
}
