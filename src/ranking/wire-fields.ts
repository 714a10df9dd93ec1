/** Walks the fields of a protobuf message without a schema: https://protobuf.dev/programming-guides/encoding/. */
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { BundleError } from './bundle-error.js';

export interface WireField {
  readonly number: number;
  /** Of a length-delimited field, a view of the message. */
  readonly bytes?: Uint8Array;
  /** Of a varint field; NaN when it is too large for a safe integer. */
  readonly varint?: number;
}

/** @throws BundleError when the bytes are no message */
export function* messageFields(message: Uint8Array): Generator<WireField> {
  const reader = new BinaryReader(message);
  while (reader.pos < reader.len) {
    let field: WireField;
    try {
      const [number, wireType] = reader.tag();
      if (wireType === WireType.LengthDelimited) {
        const length = reader.uint32();
        const start = reader.pos;
        if (length > reader.len - start) throw new RangeError(`a field of ${length} bytes is cut off`);
        reader.pos = start + length;
        field = { number, bytes: message.subarray(start, start + length) };
      } else if (wireType === WireType.Varint) {
        const value = Number(reader.uint64());
        field = { number, varint: Number.isSafeInteger(value) ? value : NaN };
      } else {
        reader.skip(wireType, number);
        field = { number };
      }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new BundleError(`model.onnx: is no ONNX model (${why})`, { cause: error });
    }
    yield field;
  }
}

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 256)).toString('utf8');
}
