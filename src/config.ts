/** Configuration: one schema, parsed once, frozen; the only reader of process.env (OTEL_* aside). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { ANONYMOUS, type ClientLimits } from './config/client-limits.js';
import type { ConfigKey } from './config/keys.js';
import { readClientKeys } from './config/kinds.js';
import { KEYS, schema } from './config/schema.js';
import {
  CONFIG_PATH_VARIABLE,
  fromFile,
  fromVariables,
  REPLACEMENT_VARIABLE,
  SLOT_VARIABLE,
} from './config/sources.js';
import { deepFreeze, isPlainObject, type DeepReadonly, type Tree } from './config/tree.js';

type Parsed = z.infer<typeof schema>;
type Resolved = Omit<Parsed, 'events' | 'client'> & {
  readonly events: Parsed['events'] & { readonly dir: string };
  /** Empty: whoever reaches the loopback interface may call. */
  readonly client: {
    readonly keys: readonly { readonly name: string; readonly key: string }[];
    readonly limits: readonly ClientLimits[];
  };
};
export type Config = DeepReadonly<Resolved>;

/** Everything that is wrong with a configuration, one line for each problem. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

export interface ConfigInput {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The text of a file, or `undefined` where there is none. */
  readonly readFile: (path: string) => string | undefined;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    if (error.code === 'ENOENT') return undefined;
    throw new ConfigError([`${path}: cannot be read (${String(error.code)})`]);
  }
}

/** `SEGUE_HTTP_PORT (http.port in segue.yaml)` */
function nameOf(key: ConfigKey): string {
  return `${key.variable} (${key.path} in segue.yaml)`;
}

/** How messages name the key at a path. */
export function keyNamed(path: string): string {
  const key = KEYS.find((candidate) => candidate.path === path);
  return key === undefined ? path : nameOf(key);
}

function given(key: ConfigKey, value: unknown): string {
  if (key.kind.secret === true) return 'a value that is not shown';
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? 'nothing' : text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function valueAt(tree: Tree, path: string): unknown {
  let at: unknown = tree;
  for (const part of path.split('.')) {
    if (Array.isArray(at)) at = (at as unknown[])[Number(part)];
    else at = isPlainObject(at) ? at[part] : undefined;
  }
  return at;
}

/** Groups that were not given get their defaults. */
function withGroups(tree: Tree): Tree {
  const filled: Tree = { ...tree };
  for (const key of KEYS) {
    const [group = ''] = key.path.split('.');
    if (key.path.includes('.')) filled[group] ??= {};
  }
  return filled;
}

function problemsOf(error: z.ZodError, tree: Tree): string[] {
  const lines = error.issues.map((issue) => {
    const path = issue.path.join('.');
    const key = KEYS.find((candidate) => path === candidate.path || path.startsWith(`${candidate.path}.`));
    if (key === undefined) {
      return `${path} in segue.yaml: given ${JSON.stringify(valueAt(tree, path))}; allowed: keys and values`;
    }
    const { allowed, allowedWithin = {} } = key.kind;
    if (issue.code === 'unrecognized_keys' && key.kind.secret !== true) {
      const known = Object.keys(allowedWithin).map((name) => `\`${name}\``);
      return `${nameOf(key)}, ${path}: given ${issue.keys.join(', ')}; allowed: ${known.join(', ')}`;
    }
    const field = String(issue.path.at(-1));
    if (field in allowedWithin) {
      return `${nameOf(key)}, ${path}: given ${given(key, valueAt(tree, path))}; allowed: ${allowedWithin[field]}`;
    }
    return `${nameOf(key)}: given ${given(key, valueAt(tree, key.path))}; allowed: ${allowed}`;
  });
  return [...new Set(lines)];
}

/** 127.0.0.0/8, ::1 and localhost. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function crossProblems(config: Resolved): string[] {
  const problems: string[] = [];
  if (config.client.keys.length === 0) {
    for (const side of ['http', 'grpc'] as const) {
      if (!isLoopback(config[side].host)) {
        problems.push(
          `${keyNamed(`${side}.host`)}: given "${config[side].host}"; allowed without client keys (SEGUE_CLIENT_KEYS): loopback, as \`127.0.0.1\``,
        );
      }
    }
  }
  const names = new Set(config.client.keys.length === 0 ? [ANONYMOUS] : config.client.keys.map(({ name }) => name));
  for (const { name } of config.client.limits) {
    if (!names.has(name)) {
      problems.push(
        `${keyNamed('client.limits')}: given the name ${JSON.stringify(name)}; allowed: that of a client key, or \`${ANONYMOUS}\` where there are none`,
      );
    }
  }
  if (config.store === 'bigtable') {
    for (const name of ['project', 'instance'] as const) {
      if (config.bigtable[name] === undefined)
        problems.push(`${keyNamed(`bigtable.${name}`)}: given nothing; needed with \`store: bigtable\``);
    }
  }
  return problems;
}

/**
 * Parses the configuration: `SEGUE_*` variables over `segue.yaml` over defaults.
 *
 * @throws ConfigError with one line for each problem
 */
export function parseConfig({ env, readFile }: ConfigInput): Config {
  const problems: string[] = [];
  const asked = env[CONFIG_PATH_VARIABLE];
  const path = asked === undefined || asked === '' ? 'segue.yaml' : asked;
  const text = readFile(path);
  if (text === undefined && path === asked)
    problems.push(`${CONFIG_PATH_VARIABLE}: given ${JSON.stringify(asked)}; allowed: a file that exists`);
  const file = fromFile(path, text ?? '', KEYS);
  problems.push(...file.problems);
  const tree = withGroups(file.tree);
  problems.push(...fromVariables(env, KEYS, tree));
  if (problems.length > 0) throw new ConfigError(problems);

  readKeysFile(tree, readFile);
  const parsed = schema.safeParse(tree);
  if (!parsed.success) throw new ConfigError(problemsOf(parsed.error, tree));
  const { events, client, ...rest } = parsed.data;
  const config: Resolved = {
    ...rest,
    events: { ...events, dir: events.dir ?? join(rest.dataDir, 'events') },
    client: { keys: client.keys ?? [], limits: client.limits },
  };
  const cross = crossProblems(config);
  if (cross.length > 0) throw new ConfigError(cross);
  return deepFreeze(config);
}

/** Adds the keys of the file at `client.keysFile` to `client.keys`. */
function readKeysFile(tree: Tree, readFile: ConfigInput['readFile']): void {
  const client = tree.client;
  if (!isPlainObject(client) || typeof client.keysFile !== 'string') return;
  const text = readFile(client.keysFile);
  if (text === undefined) {
    throw new ConfigError([
      `SEGUE_CLIENT_KEYS_FILE (client.keysFile in segue.yaml): given ${JSON.stringify(client.keysFile)}; allowed: a file that exists`,
    ]);
  }
  const added = readClientKeys(text);
  if (Array.isArray(added))
    client.keys = [...(Array.isArray(client.keys) ? (client.keys as unknown[]) : []), ...(added as unknown[])];
}

/** The configuration of this process, from its environment and working directory. */
export function loadConfig(): Config {
  return parseConfig({ env: process.env, readFile: readIfThere });
}

/** What the cluster tells a process. */
export interface Place {
  /** Number of the process, from 0; its replacement gets the same. */
  readonly slot: number;
  /** Whether it stands in for one that died. */
  readonly isReplacement: boolean;
}

export function placeOfProcess(): Place {
  return {
    slot: Number(process.env[SLOT_VARIABLE] ?? 0),
    isReplacement: process.env[REPLACEMENT_VARIABLE] === 'true',
  };
}

/** The variables by which a process learns its place. */
export function placeEnvironment({ slot, isReplacement }: Place): Record<string, string> {
  return { [SLOT_VARIABLE]: String(slot), [REPLACEMENT_VARIABLE]: String(isReplacement) };
}
