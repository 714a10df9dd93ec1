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
  /** What is wrong at a path within the value, and what is allowed there: for a secret one, of which nothing else is told. */
  problemWithin?(value: unknown, path: readonly PropertyKey[]): string;
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
