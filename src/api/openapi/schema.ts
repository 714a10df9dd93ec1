/** JSON schemas of messages, as protobuf's JSON writes them; descriptions come from the protos. */
import { ScalarType, type DescField, type DescMessage } from '@bufbuild/protobuf';
import { COMMENTS } from '../../gen/comments.js';

export interface JsonSchema {
  readonly type?: string;
  readonly format?: string;
  readonly description?: string;
  readonly $ref?: string;
  readonly allOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema;
  readonly required?: readonly string[];
  readonly example?: unknown;
}

export function commentOf(name: string): { readonly description?: string } {
  return Object.hasOwn(COMMENTS, name) ? { description: COMMENTS[name] } : {};
}

function scalarSchema(scalar: ScalarType): JsonSchema {
  switch (scalar) {
    case ScalarType.STRING:
      return { type: 'string' };
    case ScalarType.BOOL:
      return { type: 'boolean' };
    case ScalarType.DOUBLE:
      return { type: 'number', format: 'double' };
    case ScalarType.FLOAT:
      return { type: 'number', format: 'float' };
    case ScalarType.BYTES:
      return { type: 'string', format: 'byte' };
    default:
      return { type: 'integer', format: ScalarType[scalar].toLowerCase() };
  }
}

function referenceTo(message: DescMessage): JsonSchema {
  return { $ref: `#/components/schemas/${message.name}` };
}

function valueSchema(field: DescField): JsonSchema {
  if (field.message !== undefined) return referenceTo(field.message);
  return field.scalar === undefined ? { type: 'string' } : scalarSchema(field.scalar);
}

function fieldSchema(field: DescField): JsonSchema {
  const comment = commentOf(`${field.parent.typeName}.${field.name}`);
  const value = valueSchema(field);
  if (field.fieldKind === 'list') return { type: 'array', items: value, ...comment };
  if (field.fieldKind === 'map') return { type: 'object', additionalProperties: value, ...comment };
  return value.$ref === undefined ? { ...value, ...comment } : { allOf: [value], ...comment };
}

/** A field without `optional` that is no list must be given. */
function isRequired(field: DescField): boolean {
  return !field.proto.proto3Optional && field.fieldKind === 'scalar';
}

/** Adds the schemas of a message and of all it holds. */
export function addSchemas(message: DescMessage, schemas: Record<string, JsonSchema>): void {
  if (Object.hasOwn(schemas, message.name)) return;
  const required = message.fields.filter(isRequired).map((field) => field.jsonName);
  schemas[message.name] = {
    type: 'object',
    ...commentOf(message.typeName),
    properties: Object.fromEntries(message.fields.map((field) => [field.jsonName, fieldSchema(field)])),
    ...(required.length > 0 && { required }),
  };
  for (const field of message.fields) if (field.message !== undefined) addSchemas(field.message, schemas);
}
