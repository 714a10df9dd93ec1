/** One unary method: from bytes to a checked message, to the edge, and back to bytes or a coded status. */
import { fromBinary, type DescMessage, type MessageShape } from '@bufbuild/protobuf';
import type { handleUnaryCall, ServerUnaryCall } from '@grpc/grpc-js';
import type { Client } from '../clients.js';
import type { Edge } from '../edge.js';
import { SMALL_BODY_BYTES } from '../http/json-body.js';
import { checkWire, wirePlan } from './check-wire.js';
import { codedStatus } from './coded-status.js';
import { deadlineOf } from './deadline.js';
import { entryOf, type Entry, type GuardClock } from './guard-calls.js';

type Call = ServerUnaryCall<Buffer, Uint8Array>;

/** A decoded call of a client that was let in. */
export interface Received<Input extends DescMessage> {
  readonly message: MessageShape<Input>;
  readonly call: Call;
  readonly client: Client;
  /** Aborted when the client went away. */
  readonly signal: AbortSignal;
  /** The earliest moment at which the call can have come; monotonic, milliseconds. */
  readonly receivedAtMs: number;
  /** The client's, on the monotonic clock. */
  readonly deadlineMs: number | undefined;
}

export interface CallClock extends GuardClock {
  /** Epoch milliseconds. */
  readonly wallMs: () => number;
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
  clock: CallClock,
): handleUnaryCall<Buffer, Uint8Array> {
  const plan = wirePlan(input);

  function decoded({ request }: Call): MessageShape<Input> {
    checkWire(plan, request);
    return fromBinary(input, request, { readUnknownFields: false });
  }

  async function run(call: Call, { client, unreadMs }: Entry, signal: AbortSignal): Promise<Uint8Array> {
    const receivedAtMs = clock.arrivals.earliestMs();
    const deadlineMs = deadlineOf(call.getDeadline(), unreadMs, clock);
    const message =
      call.request.length > SMALL_BODY_BYTES ? await edge.inTurn(client, () => decoded(call)) : decoded(call);
    const encode = await answer({ message, call, client, signal, receivedAtMs, deadlineMs });
    return edge.charged(client, encode);
  }

  return (call, callback) => {
    const entry = entryOf(call.metadata);
    const gone = new AbortController();
    let answered = false;
    call.on('cancelled', () => {
      if (!answered) gone.abort();
    });
    run(call, entry, gone.signal).then(
      (bytes) => {
        answered = true;
        callback(null, bytes);
      },
      (error: unknown) => {
        answered = true;
        callback(codedStatus(edge.failure(error, 'grpc', entry.client)));
      },
    );
  };
}
