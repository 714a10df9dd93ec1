/** Runs the rank stage: shortlist, features, ranker; the first phase's order where the ranker may not or cannot. */
import { FEATURE_NAMES } from '../features/registry.js';
import type { HeadScores, Ranker } from '../ranking/ranker.js';
import { causeOf } from './cause.js';
import { within, type StageTrace } from './stage.js';
import type { Filtered, RankedList, RankingDetails } from './state.js';
import { featureMatrix, rankedList, rankingDetails, shortlist } from './stages/rank.js';

export interface RankOutcome {
  readonly ranked: RankedList;
  readonly details: RankingDetails | undefined;
  readonly byRanker: boolean;
}

/** @param ms what the ranker may take; the first phase is not counted against it */
export async function rankCandidates(
  state: Filtered,
  ranker: Ranker | { readonly unavailable: string },
  ms: number,
  trace: StageTrace,
  signal: AbortSignal,
): Promise<RankOutcome> {
  const list = shortlist(state, state.surface.width);
  const rows = list.slots.length;
  const usable = 'id' in ranker ? ranker : undefined;
  const features = usable?.features ?? (state.request.explain ? FEATURE_NAMES : []);
  const matrix = featureMatrix(list, features);
  // The placement may take the matrix away: an explanation keeps its own.
  const kept = state.request.explain ? matrix.slice() : matrix;
  const heads = usable === undefined || rows === 0 ? undefined : await scores(usable, matrix, rows, ms, trace, signal);
  const { rowOf, ...ranked } = rankedList(list, usable, heads);
  return {
    ranked,
    details: state.request.explain ? rankingDetails(list, rowOf, features, kept, heads) : undefined,
    byRanker: heads !== undefined || (rows === 0 && usable !== undefined),
  };
}

async function scores(
  ranker: Ranker,
  matrix: Float32Array<ArrayBuffer>,
  rows: number,
  ms: number,
  trace: StageTrace,
  signal: AbortSignal,
): Promise<HeadScores | undefined> {
  const scored = await within(ranker.score(matrix, rows, signal, performance.now() + ms), ms, causeOf);
  if (scored.ok) return scored.value;
  trace.giveUp('rank', scored.cause, `${ranker.id}: ${scored.detail}`);
  return undefined;
}
