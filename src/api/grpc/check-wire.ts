/**
 * Checks that bytes are a well-formed message of a type before they are decoded. Decoders of protobuf read a field of the
 * wrong wire type as if it were right and may read past the end of a nested message; this refuses both, and names the field.
 * Format: https://protobuf.dev/programming-guides/encoding/
 */
import { isUtf8 } from 'node:buffer';
import { ScalarType, type DescField, type DescMessage } from '@bufbuild/protobuf';
import { SegueError } from '../../errors.js';
import { BODY_VALUES_MAX } from '../http/json-body.js';

const VARINT = 0;
const BIT64 = 1;
const LENGTH = 2;
const START_GROUP = 3;
const BIT32 = 5;
const VARINT_BYTES_MAX = 10;
/** A tag is a uint32: its number may not be spelt out with more. */
const TAG_BYTES_MAX = 5;
const FIELD_NUMBER_MAX = 2 ** 29 - 1;

interface FieldPlan {
  /** As in JSON. */
  readonly name: string;
  readonly wireType: number;
  /** Whether numbers of this repeated field may also come as one run of bytes. */
  readonly packable: boolean;
  readonly isText: boolean;
  readonly message: WirePlan | undefined;
}

/** Fields by number. */
export type WirePlan = ReadonlyMap<number, FieldPlan>;

function wireTypeOf(scalar: ScalarType): number {
  switch (scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return LENGTH;
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return BIT64;
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return BIT32;
    default:
      return VARINT;
  }
}

function fieldPlan(field: DescField): FieldPlan {
  if (field.fieldKind === 'map') throw new Error(`${field.toString()}: requests have no maps`);
  const scalar = field.scalar;
  const wireType = field.message ? LENGTH : scalar === undefined ? VARINT : wireTypeOf(scalar);
  return {
    name: field.jsonName,
    wireType,
    packable: field.fieldKind === 'list' && wireType !== LENGTH,
    isText: scalar === ScalarType.STRING,
    message: field.message ? wirePlan(field.message) : undefined,
  };
}

/** What the bytes of a request type must look like. Types that contain themselves are not supported. */
export function wirePlan(message: DescMessage): WirePlan {
  return new Map(message.fields.map((field) => [field.number, fieldPlan(field)]));
}

function malformed(field: string, reason: string): SegueError {
  return new SegueError(
    'SEGUE_MALFORMED',
    `${field === '' ? 'message' : field}: ${reason}`,
    field === '' ? undefined : field,
  );
}

/** Walks over one buffer; `at` is the position in it. */
class Walk {
  private at = 0;
  private values = 0;

  constructor(private readonly bytes: Uint8Array) {}

  message(plan: WirePlan, end: number, path: string): void {
    while (this.at < end) {
      this.countValue();
      const tag = this.varint(end, path, TAG_BYTES_MAX);
      const number = Math.floor(tag / 8);
      const wireType = tag % 8;
      if (number < 1 || number > FIELD_NUMBER_MAX) throw malformed(path, `illegal field number ${number}`);
      const field = plan.get(number);
      if (field === undefined) this.skip(wireType, end, path);
      else this.field(field, wireType, end, path === '' ? field.name : `${path}.${field.name}`);
    }
  }

  private field(field: FieldPlan, wireType: number, end: number, path: string): void {
    if (wireType !== field.wireType && !(field.packable && wireType === LENGTH)) {
      throw malformed(path, `wire type ${wireType}; allowed: ${field.wireType}`);
    }
    if (wireType !== LENGTH) {
      this.skip(wireType, end, path);
      return;
    }
    const until = this.lengthEnd(end, path);
    if (field.message !== undefined) {
      this.message(field.message, until, path);
    } else if (field.isText) {
      if (!isUtf8(this.bytes.subarray(this.at, until))) throw malformed(path, 'not UTF-8');
      this.at = until;
    } else if (field.packable) {
      while (this.at < until) {
        this.countValue();
        this.skip(field.wireType, until, path);
      }
    } else {
      this.at = until;
    }
  }

  /** Two bytes are enough for an empty message, which takes far longer to decode than two bytes of text. */
  private countValue(): void {
    if (++this.values <= BODY_VALUES_MAX) return;
    throw malformed('', `given more than ${BODY_VALUES_MAX} values; allowed: ${BODY_VALUES_MAX}`);
  }

  private lengthEnd(end: number, path: string): number {
    const length = this.varint(end, path);
    if (length > end - this.at) throw malformed(path, `ends after ${end - this.at} of ${length} bytes`);
    return this.at + length;
  }

  private skip(wireType: number, end: number, path: string): void {
    switch (wireType) {
      case VARINT:
        this.varint(end, path);
        return;
      case BIT64:
        this.advance(8, end, path);
        return;
      case LENGTH:
        this.at = this.lengthEnd(end, path);
        return;
      case BIT32:
        this.advance(4, end, path);
        return;
      default:
        throw malformed(path, wireType === START_GROUP ? 'groups are not used here' : `illegal wire type ${wireType}`);
    }
  }

  private advance(count: number, end: number, path: string): void {
    if (count > end - this.at) throw malformed(path, `ends after ${end - this.at} of ${count} bytes`);
    this.at += count;
  }

  /** Exact up to 2^53; larger ones lose low bits, which no length or tag may have. */
  private varint(end: number, path: string, bytesMax = VARINT_BYTES_MAX): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < bytesMax; i++) {
      if (this.at >= end) throw malformed(path, 'ends inside of a number');
      const byte = this.bytes[this.at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    throw malformed(path, `a number of more than ${bytesMax} bytes`);
  }
}

/**
 * @throws SegueError `SEGUE_MALFORMED` naming the field, where the bytes are not a message of this plan: truncated, a known
 *   field of another wire type, text that is not UTF-8, or too many values
 */
export function checkWire(plan: WirePlan, bytes: Uint8Array): void {
  new Walk(bytes).message(plan, bytes.length, '');
}
