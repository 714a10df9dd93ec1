import { fromBinary } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { AnySchema, DurationSchema } from '@bufbuild/protobuf/wkt';
import { Metadata } from '@grpc/grpc-js';
import { addRetryHint, DETAILS_TRAILER, PUSHBACK_TRAILER } from './retry-hint.js';

/** Length-delimited and varint fields of a message by number. */
function fieldsOf(bytes: Uint8Array): Map<number, number | Uint8Array> {
  const reader = new BinaryReader(bytes);
  const fields = new Map<number, number | Uint8Array>();
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    fields.set(number, wireType === WireType.Varint ? reader.int32() : reader.bytes());
  }
  return fields;
}

it('is a pushback in milliseconds, and a google.rpc.Status with google.rpc.RetryInfo', () => {
  const metadata = new Metadata();
  addRetryHint(metadata, 8, 'later', 2_345.5);
  expect(metadata.get(PUSHBACK_TRAILER)).toEqual(['2346']);
  const [details] = metadata.get(DETAILS_TRAILER);
  const status = fieldsOf(details as Buffer);
  expect(status.get(1)).toBe(8);
  expect(Buffer.from(status.get(2) as Uint8Array).toString()).toBe('later');
  const detail = fromBinary(AnySchema, status.get(3) as Uint8Array);
  expect(detail.typeUrl).toBe('type.googleapis.com/google.rpc.RetryInfo');
  const delay = fromBinary(DurationSchema, fieldsOf(detail.value).get(1) as Uint8Array);
  expect(delay).toMatchObject({ seconds: 2n, nanos: 345_500_000 });
});
