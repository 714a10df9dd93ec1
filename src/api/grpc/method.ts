/** One unary method: from bytes to a checked message, to the edge, and back to bytes or a coded status. */
import { fromBinary, type DescMessage, type MessageShape } from '@bufbuild/protobuf';
import type { handleUnaryCall, ServerUnaryCall } from '@grpc/grpc-js';
import type { Client } from '../clients.js';
import type { Edge } from '../edge.js';
import { checkWire, wirePlan } from './check-wire.js';
import { codedStatus } from './coded-status.js';
import { callerOf } from './guard-calls.js';

type Call = ServerUnaryCall<Buffer, Uint8Array>;

/**
 * Decodes strictly, what the library does not: grpc-js would answer a failing deserialiser with INTERNAL, so bytes come to us as
 * they are.
 */
export function unaryMethod<Input extends DescMessage>(
  input: Input,
  edge: Edge,
  answer: (message: MessageShape<Input>, call: Call, client: Client, signal: AbortSignal) => Promise<Uint8Array>,
): handleUnaryCall<Buffer, Uint8Array> {
  const plan = wirePlan(input);

  async function run(call: Call, signal: AbortSignal): Promise<Uint8Array> {
    const client = callerOf(call.metadata);
    checkWire(plan, call.request);
    return answer(fromBinary(input, call.request, { readUnknownFields: false }), call, client, signal);
  }

  return (call, callback) => {
    const gone = new AbortController();
    let answered = false;
    call.on('cancelled', () => {
      if (!answered) gone.abort();
    });
    run(call, gone.signal).then(
      (bytes) => {
        answered = true;
        callback(null, bytes);
      },
      (error: unknown) => {
        answered = true;
        callback(codedStatus(edge.failure(error, 'grpc')));
      },
    );
  };
}
