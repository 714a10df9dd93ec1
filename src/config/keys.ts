/** Configuration keys: each one's names, meaning and default, kept beside its check. */
import { z } from 'zod';
import type { Kind } from './kinds.js';

interface KeyInfo {
  readonly kind: Kind<unknown>;
  readonly description: string;
  readonly defaultText: string;
}

const infos = new WeakMap<object, KeyInfo>();

/**
 * A key with a default.
 *
 * @param defaultText for docs, where the default is computed
 */
export function key<T>(
  kind: Kind<T>,
  description: string,
  fallback: NoInfer<T>,
  defaultText = String(fallback),
): z.ZodType<T> {
  const schema = kind.schema.prefault(() => fallback);
  infos.set(schema, { kind, description, defaultText });
  return schema;
}

/** A key that may be absent. */
export function optionalKey<T>(kind: Kind<T>, description: string, defaultText = ''): z.ZodOptional<z.ZodType<T>> {
  const schema = kind.schema.optional();
  infos.set(schema, { kind, description, defaultText });
  return schema;
}

export interface ConfigKey extends KeyInfo {
  /** Path in `segue.yaml`, `http.port`. */
  readonly path: string;
  /** Environment variable, `SEGUE_HTTP_PORT`. */
  readonly variable: string;
}

function variableOf(path: readonly string[]): string {
  return `SEGUE_${path.map((part) => part.replace(/[A-Z]/g, '_$&').toUpperCase()).join('_')}`;
}

/** All keys of a schema, in its order. */
export function keysOf(schema: z.ZodObject, above: readonly string[] = []): ConfigKey[] {
  return Object.entries(schema.shape as Readonly<Record<string, z.ZodType>>).flatMap(([name, node]) => {
    const path = [...above, name];
    if (node instanceof z.ZodObject) return keysOf(node, path);
    const info = infos.get(node);
    return info === undefined ? [] : [{ ...info, path: path.join('.'), variable: variableOf(path) }];
  });
}
