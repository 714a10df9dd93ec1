/** One unary method: from bytes to a checked message, to the edge, and back to bytes or a coded status. */
import { fromBinary, type DescMessage, type MessageShape } from '@bufbuild/protobuf';
import type { handleUnaryCall, ServerUnaryCall } from '@grpc/grpc-js';
import type { Arrival, Arrivals } from '../arrivals.js';
import type { Client } from '../clients.js';
import type { Edge } from '../edge.js';
import { SMALL_BODY_BYTES } from '../http/json-body.js';
import { checkWire, wirePlan } from './check-wire.js';
import { codedStatus } from './coded-status.js';
import { callerOf } from './guard-calls.js';

type Call = ServerUnaryCall<Buffer, Uint8Array>;

/** A decoded call of a client that was let in. */
export interface Received<Input extends DescMessage> {
  readonly message: MessageShape<Input>;
  readonly call: Call;
  readonly client: Client;
  /** Aborted when the client went away. */
  readonly signal: AbortSignal;
  readonly arrival: Arrival;
}

/**
 * Decodes strictly, what the library does not: grpc-js would answer a failing deserialiser with INTERNAL, so bytes come to us as
 * they are.
 */
export function unaryMethod<Input extends DescMessage>(
  input: Input,
  edge: Edge,
  answer: (received: Received<Input>) => Promise<Uint8Array>,
  arrivals: Pick<Arrivals, 'next'>,
): handleUnaryCall<Buffer, Uint8Array> {
  const plan = wirePlan(input);

  function decoded({ request }: Call): MessageShape<Input> {
    checkWire(plan, request);
    return fromBinary(input, request, { readUnknownFields: false });
  }

  async function run(call: Call, client: Client, signal: AbortSignal): Promise<Uint8Array> {
    const arrival = arrivals.next();
    const message =
      call.request.length > SMALL_BODY_BYTES ? await edge.inTurn(client, () => decoded(call)) : decoded(call);
    return await answer({ message, call, client, signal, arrival });
  }

  return (call, callback) => {
    const client = callerOf(call.metadata);
    const gone = new AbortController();
    let answered = false;
    call.on('cancelled', () => {
      if (!answered) gone.abort();
    });
    run(call, client, gone.signal).then(
      (bytes) => {
        answered = true;
        callback(null, bytes);
      },
      (error: unknown) => {
        answered = true;
        callback(codedStatus(edge.failure(error, 'grpc', client)));
      },
    );
  };
}
