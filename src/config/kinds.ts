/** What a configuration value may be: its check, its words for people, and how it is read from a variable. */
import { z } from 'zod';

export interface Kind<T> {
  readonly schema: z.ZodType<T>;
  /** What is allowed, for messages and docs. */
  readonly allowed: string;
  /** The same by name, for a list of objects. */
  readonly allowedWithin?: Readonly<Record<string, string>>;
  /** From the text of an environment variable; what cannot be read is passed on as it is, and fails the check. */
  read(text: string): unknown;
  /** Never print what was given. */
  readonly secret?: boolean;
}

function readNumber(text: string): unknown {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

export function wholeNumber(min: number, max: number): Kind<number> {
  return {
    schema: z.int().min(min).max(max),
    allowed: `a whole number from ${min} to ${max}`,
    read: readNumber,
  };
}

export function decimal(min: number, max: number): Kind<number> {
  return { schema: z.number().min(min).max(max), allowed: `a number from ${min} to ${max}`, read: readNumber };
}

export function choice<const T extends readonly [string, ...string[]]>(options: T): Kind<T[number]> {
  return {
    schema: z.enum(options),
    allowed: options.map((option) => `\`${option}\``).join(', '),
    read: (text) => text,
  };
}

export const flag: Kind<boolean> = {
  schema: z.boolean(),
  allowed: '`true`, `false`',
  read: (text) => (text === 'true' ? true : text === 'false' ? false : text),
};

export function text(allowed: string, pattern = /^[^\p{Cc}]{1,1024}$/u): Kind<string> {
  return { schema: z.string().regex(pattern), allowed, read: (value) => value };
}

export function list(allowed: string, item: RegExp, itemsMax: number): Kind<readonly string[]> {
  return {
    schema: z.array(z.string().regex(item)).min(1).max(itemsMax),
    allowed,
    read: (value) => value.split(',').map((part) => part.trim()),
  };
}

export interface ClientKey {
  readonly name: string;
  readonly key: string;
}

const clientKey = z.strictObject({
  name: z.string().regex(/^[\w.-]{1,64}$/),
  key: z.string().regex(/^[\x21-\x2b\x2d-\x7e]{16,256}$/),
});

/** `name:key` pairs, separated by commas or line ends. */
export function readClientKeys(value: string): unknown {
  return value
    .split(/[,\n]/)
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '')
    .map((pair) => {
      const colon = pair.indexOf(':');
      return colon < 0 ? { name: '', key: pair } : { name: pair.slice(0, colon), key: pair.slice(colon + 1) };
    });
}

export const clientKeys: Kind<readonly ClientKey[]> = {
  schema: z
    .array(clientKey)
    .max(1000)
    .refine((keys) => new Set(keys.map((client) => client.name)).size === keys.length),
  allowed:
    '`name:key,name:key` (in the file: a list of `name`, `key`), at most 1,000; each name and each key once; names 1 to 64 of letters, digits, `_`, `.`, `-`; keys 16 to 256 visible ASCII characters without a comma',
  read: readClientKeys,
  secret: true,
};
