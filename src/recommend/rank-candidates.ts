/** Runs the rank stage: shortlist, features, ranker; the first phase's order where the ranker may not or cannot. */
import { FEATURE_NAMES } from '../features/registry.js';
import type { HeadScores, Ranker } from '../ranking/ranker.js';
import { causeOf } from './cause.js';
import { cutWidth, type RankWidth } from './rank-width.js';
import { within, type StageTrace } from './stage.js';
import type { Filtered, RankedList, RankingDetails } from './state.js';
import { featureMatrix, rankedList, rankingDetails, shortlist } from './stages/rank.js';

export interface RankOutcome {
  readonly ranked: RankedList;
  readonly details: RankingDetails | undefined;
  /** Of the list, how many were scored; the others follow them. */
  readonly rankedCount: number;
  /** How many of those that should be were scored by the ranker. */
  readonly scored: 'full' | 'cut' | 'none';
}

export interface RankCall {
  readonly ranker: Ranker | { readonly unavailable: string };
  /** What the ranker may take; the first phase is not counted against it. */
  readonly ms: number;
  readonly width: RankWidth;
  /** Share of the surface's width that may be ranked, of 0 to 1: less than all while more ask than can be ranked at full width. */
  readonly widthShare: number;
  readonly trace: StageTrace;
  readonly signal: AbortSignal;
  readonly onLate: () => void;
}

/** A list whose width was cut is as long as the longest slate at least, as a later one may be made of it. */
export const CUT_LIST_MIN = 200;
/** And so many times as long as the slate asked for, so that artists can be kept apart. */
const CUT_LIST_PER_SLATE = 2;

export async function rankCandidates(state: Filtered, call: RankCall): Promise<RankOutcome> {
  const { ranker, ms, width, trace } = call;
  const usable = 'id' in ranker ? ranker : undefined;
  const full = state.surface.width;
  const byTime = usable === undefined ? full : width.of(usable.id, ms, full, trace.now());
  const byLoad = usable === undefined ? full : cutWidth(full, call.widthShare);
  const most = Math.min(byTime, byLoad);
  const wanted = Math.min(full, state.kept.length);
  const isCut = most < wanted;
  const list = shortlist(state, most, isCut ? Math.min(cutListOf(state), full) : 0);
  const { rows } = list;
  const features = usable?.features ?? (state.request.explain ? FEATURE_NAMES : []);
  const matrix = features.length === 0 ? NO_MATRIX : featureMatrix(list, features);
  // The placement may take the matrix away: an explanation keeps its own.
  const kept = state.request.explain ? matrix.slice() : matrix;
  const heads = usable === undefined || rows === 0 ? undefined : await scores(usable, matrix, rows, call);
  if (isCut && heads !== undefined) {
    const ranked = `${most} of ${wanted} candidates ranked`;
    if (byLoad <= byTime) trace.giveUp('rank', 'overload', `${ranked}, so that more listeners are ranked for`);
    else trace.giveUp('rank', 'timeout', `${ranked}, to fit ${ms.toFixed(1)} ms`);
  }
  const { rowOf, ...ranked } = rankedList(list, usable, heads);
  const byRanker = heads !== undefined || (rows === 0 && usable !== undefined);
  return {
    ranked,
    details: state.request.explain ? rankingDetails(list, rowOf, features, kept, heads) : undefined,
    rankedCount: heads === undefined ? ranked.ordinals.length : rows,
    scored: !byRanker ? 'none' : isCut ? 'cut' : 'full',
  };
}

/** Candidates that a list has at least though its width was cut: those that were not ranked follow in the order of the first phase. */
function cutListOf({ request, surface }: Filtered): number {
  return Math.max(CUT_LIST_MIN, CUT_LIST_PER_SLATE * (request.limit ?? surface.limitDefault));
}

const NO_MATRIX = new Float32Array(0);

async function scores(
  ranker: Ranker,
  matrix: Float32Array<ArrayBuffer>,
  rows: number,
  { ms, width, trace, signal, onLate }: RankCall,
): Promise<HeadScores | undefined> {
  const startedMs = trace.now();
  const scored = await within(ranker.score(matrix, rows, signal, performance.now() + ms), ms, causeOf, onLate);
  // Of a client that went away nothing is learnt, or it would cut the width of others.
  if (!signal.aborted && (scored.ok || scored.cause === 'timeout')) {
    const endedMs = trace.now();
    width.observe(ranker.id, ms, scored.ok ? endedMs - startedMs : Infinity, endedMs);
  }
  if (scored.ok) return scored.value;
  trace.giveUp('rank', scored.cause, `${ranker.id}: ${scored.detail}`);
  return undefined;
}
