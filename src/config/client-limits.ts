/** What each client may take, and who is served first when not all can be. */
import { parse } from 'yaml';
import { z } from 'zod';
import type { Kind } from './kinds.js';

/** Most urgent first. */
export const CLIENT_CLASSES = ['interactive', 'standard', 'batch'] as const;
export type ClientClass = (typeof CLIENT_CLASSES)[number];

/** The name of whoever calls where no keys are configured. */
export const ANONYMOUS = 'anonymous';

export interface ClientLimits {
  readonly name: string;
  readonly class: ClientClass;
  /** Of one process; absent: no limit. */
  readonly requestsPerSecond?: number | undefined;
  /** Requests that may come at once after a pause; absent: those of one second. */
  readonly burst?: number | undefined;
  /** Share of the requests that a process works on at once, over 0 and up to 1. */
  readonly concurrencyShare: number;
}

const RATE_MAX = 1_000_000;

const limitsOfClient = z
  .strictObject({
    name: z.string().regex(/^[\w.-]{1,64}$/),
    class: z.enum(CLIENT_CLASSES).default('standard'),
    requestsPerSecond: z.number().min(0.01).max(RATE_MAX).optional(),
    burst: z.int().min(1).max(RATE_MAX).optional(),
    concurrencyShare: z.number().min(0.01).max(1).default(1),
  })
  .refine((limits) => limits.burst === undefined || limits.requestsPerSecond !== undefined, { path: ['burst'] });

const ALLOWED = {
  name: 'the name of a client, as in the keys, each once',
  class: '`interactive`, `standard` (default), `batch`',
  requestsPerSecond: 'a number from 0.01 to 1,000,000 (default: no limit)',
  burst: 'a whole number from 1 to 1,000,000, only with `requestsPerSecond` (default: those of one second)',
  concurrencyShare: 'a number from 0.01 to 1 (default)',
};

/** JSON is YAML. What is neither is passed on as text, and fails the check. */
function readYaml(text: string): unknown {
  try {
    return parse(text, { maxAliasCount: 10 });
  } catch {
    return text;
  }
}

export const clientLimits: Kind<readonly ClientLimits[]> = {
  schema: z
    .array(limitsOfClient)
    .max(1000)
    .superRefine((limits, context) => {
      limits.forEach(({ name }, i) => {
        if (limits.findIndex((other) => other.name === name) < i) {
          context.addIssue({ code: 'custom', path: [i, 'name'] });
        }
      });
    }),
  allowed: `a list, in YAML or JSON, of at most 1,000 of these: ${Object.entries(ALLOWED)
    .map(([name, allowed]) => `\`${name}\`: ${allowed}`)
    .join('; ')}`,
  allowedWithin: ALLOWED,
  read: readYaml,
};
