/** From what a client sent, as JSON or as a decoded message, to a RecommendRequest. Unknown fields are ignored. */
import { SegueError } from '../errors.js';
import { ID_ALLOWED, isId } from '../identifiers.js';
import { SURFACES, type RecommendRequest, type SurfaceName } from '../recommend/types.js';
import { shown } from '../shown.js';

export const LIMIT_MAX = 200;
export const BUDGET_MS_MAX = 2000;
export const RECENT_TRACKS_MAX = 200;
export const QUEUED_TRACKS_MAX = 200;
export const CONTEXT_TRACKS_MAX = 5000;

const SURFACES_ALLOWED = SURFACES.join(', ');
const NO_IDS: readonly string[] = Object.freeze([]);
function refuse(field: string, value: unknown, allowed: string): never {
  throw new SegueError('SEGUE_INVALID_ARGUMENT', `${field}: given ${shown(value)}; allowed: ${allowed}`, field);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `null` is an absent value, as in protobuf's JSON. */
function isAbsent(value: unknown): value is undefined | null {
  return value === undefined || value === null;
}

function id(value: unknown, field: string): string {
  if (typeof value === 'string' && isId(value)) return value;
  return refuse(field, value ?? undefined, ID_ALLOWED);
}

function optionalId(value: unknown, field: string): string | undefined {
  return isAbsent(value) ? undefined : id(value, field);
}

function ids(value: unknown, field: string, max: number): readonly string[] {
  if (isAbsent(value)) return NO_IDS;
  if (!Array.isArray(value)) return refuse(field, value, `a list of at most ${max} ids`);
  const list: readonly unknown[] = value;
  const count = list.length;
  if (count > max) return refuse(field, value, `at most ${max} ids`);
  const found: string[] = [];
  for (let i = 0; i < count; i++) {
    const item = list[i];
    if (typeof item !== 'string' || !isId(item)) return refuse(`${field}[${i}]`, item ?? undefined, ID_ALLOWED);
    found.push(item);
  }
  return found;
}

function wholeNumber(value: unknown, field: string, max: number): number | undefined {
  if (isAbsent(value)) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= max) return value;
  return refuse(field, value, `a whole number from 1 to ${max}`);
}

function flag(value: unknown, field: string, fallback: boolean): boolean {
  if (isAbsent(value)) return fallback;
  return typeof value === 'boolean' ? value : refuse(field, value, 'true, false');
}

function surface(value: unknown): SurfaceName {
  for (const name of SURFACES) if (value === name) return name;
  return refuse('surface', value ?? undefined, SURFACES_ALLOWED);
}

/** Two ASCII letters; upper case from here on. */
function market(value: unknown): string | undefined {
  if (isAbsent(value)) return undefined;
  return typeof value === 'string' && /^[A-Za-z]{2}$/.test(value)
    ? value.toUpperCase()
    : refuse('market', value, 'two letters, as DE');
}

/**
 * Checks and completes a request.
 *
 * @param newRequestId names a request whose client did not
 * @throws SegueError `SEGUE_INVALID_ARGUMENT` with the field, what was given and what is allowed
 */
export function parseRecommend(input: unknown, newRequestId: () => string): RecommendRequest {
  if (!isRecord(input)) {
    throw new SegueError('SEGUE_INVALID_ARGUMENT', `body: given ${shown(input)}; allowed: an object`);
  }
  const listenerId = id(input.listenerId, 'listenerId');
  const surfaceName = surface(input.surface);
  const requestId = optionalId(input.requestId, 'requestId');
  const sessionId = optionalId(input.sessionId, 'sessionId');
  const seedTrackId = optionalId(input.seedTrackId, 'seedTrackId');
  const recentTrackIds = ids(input.recentTrackIds, 'recentTrackIds', RECENT_TRACKS_MAX);
  const queuedTrackIds = ids(input.queuedTrackIds, 'queuedTrackIds', QUEUED_TRACKS_MAX);
  const contextId = optionalId(input.contextId, 'contextId');
  const contextTrackIds = ids(input.contextTrackIds, 'contextTrackIds', CONTEXT_TRACKS_MAX);
  if (contextId !== undefined && contextTrackIds.length > 0) {
    return refuse('contextTrackIds', contextTrackIds, 'either contextId or contextTrackIds');
  }
  const limit = wholeNumber(input.limit, 'limit', LIMIT_MAX);
  const marketName = market(input.market);
  const allowExplicit = flag(input.allowExplicit, 'allowExplicit', true);
  const budgetMs = wholeNumber(input.budgetMs, 'budgetMs', BUDGET_MS_MAX);
  const explain = flag(input.explain, 'explain', false);
  // All fields in each: to the engine, requests are of one kind whatever their clients leave out.
  return {
    listenerId,
    surface: surfaceName,
    requestId: requestId ?? newRequestId(),
    sessionId,
    seedTrackId,
    recentTrackIds,
    queuedTrackIds,
    contextId,
    contextTrackIds,
    limit,
    market: marketName,
    allowExplicit,
    budgetMs,
    explain,
  };
}
