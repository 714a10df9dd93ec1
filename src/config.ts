/** Configuration: one schema, parsed once, frozen; the only reader of process.env (OTEL_* aside). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { ANONYMOUS, type ClientLimits } from './config/client-limits.js';
import type { ConfigKey } from './config/keys.js';
import { readClientKeys } from './config/client-keys.js';
import { KEYS, schema } from './config/schema.js';
import {
  CONFIG_PATH_VARIABLE,
  fromFile,
  fromVariables,
  HOUSEKEEPER_VARIABLE,
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

/** More of them are counted. */
const PROBLEMS_MAX = 100;

/** Everything that is wrong with a configuration, one line for each problem. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    const shown = problems.slice(0, PROBLEMS_MAX);
    if (problems.length > shown.length) shown.push(`and ${problems.length - shown.length} more`);
    super(shown.join('\n'));
    this.problems = shown;
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

const NOT_SHOWN = 'a value that is not shown';

function given(key: ConfigKey, value: unknown): string {
  return key.kind.secret === true ? NOT_SHOWN : shown(value);
}

function shown(value: unknown): string {
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
      const holdsSecret = KEYS.some((below) => below.kind.secret === true && below.path.startsWith(`${path}.`));
      const what = holdsSecret ? NOT_SHOWN : shown(valueAt(tree, path));
      return `${path} in segue.yaml: given ${what}; allowed: keys and values`;
    }
    const { allowed, allowedWithin = {} } = key.kind;
    const within = issue.path.slice(key.path.split('.').length);
    if (within.length > 0 && key.kind.problemWithin !== undefined) {
      return `${nameOf(key)}, ${key.kind.problemWithin(valueAt(tree, key.path), within)}`;
    }
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
  const ownerOf = new Map<string, string>();
  for (const { name, key } of config.client.keys) {
    const owner = ownerOf.get(key);
    if (owner === undefined) ownerOf.set(key, name);
    else
      problems.push(
        `${keyNamed('client.keys')}: given one key for both ${JSON.stringify(owner)} and ${JSON.stringify(name)}; allowed: a key of its own for each client`,
      );
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
 * @throws ConfigError with one line for each problem, so that one start tells of all
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
  const missing = addKeysOfFile(tree, readFile);
  problems.push(...missing);

  const parsed = schema.safeParse(tree);
  if (!parsed.success) throw new ConfigError([...problems, ...problemsOf(parsed.error, tree)]);
  const { events, client, ...rest } = parsed.data;
  const config: Resolved = {
    ...rest,
    events: { ...events, dir: events.dir ?? join(rest.dataDir, 'events') },
    client: { keys: client.keys ?? [], limits: client.limits },
  };
  // Without keys that are meant to be there, who may call and how much would be judged by the wrong ones.
  if (missing.length === 0) problems.push(...crossProblems(config));
  if (problems.length > 0) throw new ConfigError(problems);
  return deepFreeze(config);
}

/** Adds the keys of the file at `client.keysFile` to `client.keys`. */
function addKeysOfFile(tree: Tree, readFile: ConfigInput['readFile']): string[] {
  const client = tree.client;
  if (!isPlainObject(client) || typeof client.keysFile !== 'string') return [];
  const text = readFile(client.keysFile);
  if (text === undefined) {
    return [`${keyNamed('client.keysFile')}: given ${shown(client.keysFile)}; allowed: a file that exists`];
  }
  const added = readClientKeys(text);
  if (Array.isArray(added))
    client.keys = [...(Array.isArray(client.keys) ? (client.keys as unknown[]) : []), ...(added as unknown[])];
  return [];
}

/** The configuration of this process, from its environment and working directory. */
export function loadConfig(): Config {
  return parseConfig({ env: process.env, readFile: readIfThere });
}

/** What the cluster tells a process. */
export interface Place {
  /** Number of the process, from 0, which no other has meanwhile; that of one that died goes to its replacement. */
  readonly slot: number;
  /** Whether others serve already. */
  readonly isReplacement: boolean;
  /** Whether it does what one process does for all: the first world, what was left in logs, the daily sweep. */
  readonly isHousekeeper: boolean;
}

export function placeOfProcess(): Place {
  return {
    slot: Number(process.env[SLOT_VARIABLE] ?? 0),
    isReplacement: process.env[REPLACEMENT_VARIABLE] === 'true',
    isHousekeeper: process.env[HOUSEKEEPER_VARIABLE] !== 'false',
  };
}

/** The variables by which a process learns its place. */
export function placeEnvironment({ slot, isReplacement, isHousekeeper }: Place): Record<string, string> {
  return {
    [SLOT_VARIABLE]: String(slot),
    [REPLACEMENT_VARIABLE]: String(isReplacement),
    [HOUSEKEEPER_VARIABLE]: String(isHousekeeper),
  };
}
