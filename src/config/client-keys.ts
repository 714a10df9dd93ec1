/** Who may call: names and keys of clients. */
import { z } from 'zod';
import type { Kind } from './kinds.js';

export interface ClientKey {
  readonly name: string;
  readonly key: string;
}

const KEY_CHARACTERS_MIN = 16;
const KEY_CHARACTERS_MAX = 256;
const NAME = /^[\w.-]{1,64}$/;

const ALLOWED_NAME = '1 to 64 of letters, digits, `_`, `.`, `-`';
const ALLOWED_KEY = `${KEY_CHARACTERS_MIN} to ${KEY_CHARACTERS_MAX} visible ASCII characters without a comma`;

const clientKey = z.strictObject({
  name: z.string().regex(NAME),
  key: z
    .string()
    .min(KEY_CHARACTERS_MIN)
    .max(KEY_CHARACTERS_MAX)
    .regex(/^[\x21-\x2b\x2d-\x7e]*$/),
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

function lengthOf(key: unknown): string {
  if (typeof key !== 'string') return key === undefined ? 'nothing' : 'no text';
  return `${key.length} characters that are not shown`;
}

/** What stands where a name should may be a key: a name is shown only where it could be one. */
function problemWithin(keys: unknown, [index, field]: readonly PropertyKey[]): string {
  const position = Number(index);
  const given: unknown = Array.isArray(keys) ? keys[position] : undefined;
  const { name, key } = { name: undefined, key: undefined, ...(typeof given === 'object' ? given : {}) };
  const isNamed = typeof name === 'string' && NAME.test(name);
  const client = isNamed ? `client ${JSON.stringify(name)}` : `client number ${position + 1}`;
  if (field === 'key') return `key of ${client}: given ${lengthOf(key)}; allowed: ${ALLOWED_KEY}`;
  if (field !== 'name') return `${client}: given a value that is not shown; allowed: \`name\`, \`key\``;
  return isNamed
    ? `${client}: given more than once; allowed: each name once`
    : `name of ${client}: given a value that is not shown; allowed: ${ALLOWED_NAME}`;
}

export const clientKeys: Kind<readonly ClientKey[]> = {
  schema: z
    .array(clientKey)
    .max(1000)
    .superRefine((keys, context) => {
      const names = new Set<string>();
      keys.forEach(({ name }, i) => {
        if (names.has(name)) context.addIssue({ code: 'custom', path: [i, 'name'] });
        names.add(name);
      });
    }),
  allowed: `\`name:key,name:key\` (in the file: a list of \`name\`, \`key\`), at most 1,000; each name and each key once; names ${ALLOWED_NAME}; keys ${ALLOWED_KEY}`,
  problemWithin,
  read: readClientKeys,
  secret: true,
};
