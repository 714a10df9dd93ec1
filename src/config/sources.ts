/** Where configuration comes from: variables over the file over defaults. */
import { parse } from 'yaml';
import { isPlainObject, type Tree } from './tree.js';
import { nearest } from './nearest.js';
import type { ConfigKey } from './keys.js';

/** `SEGUE_*` variables that are not keys: where the file is, and what the cluster tells its processes. */
export const CONFIG_PATH_VARIABLE = 'SEGUE_CONFIG';
export const SLOT_VARIABLE = 'SEGUE_PROCESS_SLOT';
export const REPLACEMENT_VARIABLE = 'SEGUE_PROCESS_REPLACEMENT';
export const HOUSEKEEPER_VARIABLE = 'SEGUE_PROCESS_HOUSEKEEPER';

const NOT_KEYS: ReadonlySet<string> = new Set([
  CONFIG_PATH_VARIABLE,
  SLOT_VARIABLE,
  REPLACEMENT_VARIABLE,
  HOUSEKEEPER_VARIABLE,
]);

/** Unknown keys that get a line each. */
const PROBLEMS_MAX = 40;
/** Characters of their names that are shown. */
const NAME_MAX = 100;

export interface Sources {
  readonly tree: Tree;
  readonly problems: readonly string[];
}

function setAt(tree: Tree, path: readonly string[], value: unknown): void {
  const [first = '', ...rest] = path;
  if (rest.length === 0) {
    tree[first] = value;
    return;
  }
  const below = tree[first];
  const branch = isPlainObject(below) ? below : {};
  tree[first] = branch;
  setAt(branch, rest, value);
}

/** An empty variable is an unset one. */
export function fromVariables(
  env: Readonly<Record<string, string | undefined>>,
  keys: readonly ConfigKey[],
  tree: Tree,
): string[] {
  const byVariable = new Map(keys.map((key) => [key.variable, key]));
  const problems: string[] = [];
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('SEGUE_') || NOT_KEYS.has(name)) continue;
    const key = byVariable.get(name);
    if (key === undefined) {
      problems.push(`${name}: no such variable; the nearest is ${nearest(name, [...byVariable.keys()])}`);
    } else if (text !== undefined && text !== '') {
      setAt(tree, key.path.split('.'), key.kind.read(text));
    }
  }
  return problems;
}

/** Takes what is no key out of the tree, and gives its paths. */
function takeUnknown(tree: Tree, known: ReadonlySet<string>, groups: ReadonlySet<string>, above: string): string[] {
  return Object.entries(tree).flatMap(([name, value]) => {
    const path = above === '' ? name : `${above}.${name}`;
    if (known.has(path)) return [];
    if (groups.has(path)) return isPlainObject(value) ? takeUnknown(value, known, groups, path) : [];
    Reflect.deleteProperty(tree, name);
    return [path];
  });
}

/** Empty keys of the file (`port:`) are unset ones. */
function withoutNulls(tree: Tree): Tree {
  const kept: Tree = {};
  for (const [name, value] of Object.entries(tree)) {
    if (value !== null && value !== undefined) kept[name] = isPlainObject(value) ? withoutNulls(value) : value;
  }
  return kept;
}

/** Reads `segue.yaml`. The tree holds known keys alone. */
export function fromFile(path: string, text: string, keys: readonly ConfigKey[]): Sources {
  let parsed: unknown;
  try {
    parsed = parse(text, { maxAliasCount: 10 }) ?? {};
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return { tree: {}, problems: [`${path}: not YAML: ${reason}`] };
  }
  if (!isPlainObject(parsed))
    return { tree: {}, problems: [`${path}: given a single value; allowed: keys and values`] };
  const tree = withoutNulls(parsed);
  const known = new Set(keys.map((key) => key.path));
  const groups = new Set(
    [...known].filter((key) => key.includes('.')).map((key) => key.slice(0, key.lastIndexOf('.'))),
  );
  const unknown = takeUnknown(tree, known, groups, '');
  const problems = unknown
    .slice(0, PROBLEMS_MAX)
    .map((name) => `${name.slice(0, NAME_MAX)} in ${path}: no such key; the nearest is ${nearest(name, [...known])}`);
  if (unknown.length > PROBLEMS_MAX) problems.push(`${unknown.length - PROBLEMS_MAX} more in ${path} that are no keys`);
  return { tree, problems };
}
