/** Tells a gRPC client when to try again, in the two ways that its library may understand. */
import { create, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { AnySchema, DurationSchema } from '@bufbuild/protobuf/wkt';
import type { Metadata } from '@grpc/grpc-js';

/** Obeyed by the retry policy of gRPC clients: https://github.com/grpc/proposal/blob/master/A6-client-retries.md */
export const PUSHBACK_TRAILER = 'grpc-retry-pushback-ms';
/** A google.rpc.Status with a google.rpc.RetryInfo: https://google.aip.dev/193 */
export const DETAILS_TRAILER = 'grpc-status-details-bin';

const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo';

/** @param status number of the gRPC status */
export function addRetryHint(metadata: Metadata, status: number, message: string, retryAfterMs: number): void {
  metadata.set(PUSHBACK_TRAILER, String(Math.ceil(retryAfterMs)));
  metadata.set(DETAILS_TRAILER, Buffer.from(statusWithRetryInfo(status, message, retryAfterMs)));
}

/** https://github.com/googleapis/googleapis/blob/master/google/rpc/status.proto and error_details.proto */
function statusWithRetryInfo(code: number, message: string, retryAfterMs: number): Uint8Array {
  const seconds = Math.floor(retryAfterMs / 1000);
  const nanos = Math.round((retryAfterMs - seconds * 1000) * 1e6);
  const delay = toBinary(DurationSchema, create(DurationSchema, { seconds: BigInt(seconds), nanos }));
  const retryInfo = new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(delay).finish();
  const detail = toBinary(AnySchema, create(AnySchema, { typeUrl: RETRY_INFO, value: retryInfo }));
  return new BinaryWriter()
    .tag(1, WireType.Varint)
    .int32(code)
    .tag(2, WireType.LengthDelimited)
    .string(message)
    .tag(3, WireType.LengthDelimited)
    .bytes(detail)
    .finish();
}
