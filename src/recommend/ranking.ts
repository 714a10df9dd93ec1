/** A ranked list, wherever it came from, with what the stages after it and the answer need. */
import type { Candidates } from '../features/candidates.js';
import type { PromotionView } from '../promotion/snapshot.js';
import type { Listened, RankedList, RankingDetails } from './state.js';
import type { FilterReport, Level, RecommendResponse } from './types.js';

export interface Ranking {
  readonly state: Listened;
  readonly ranked: RankedList;
  readonly details: RankingDetails | undefined;
  readonly candidates: Candidates | undefined;
  readonly promotions: PromotionView;
  /** Ordinals of the context being played, in its order. */
  readonly context: Uint32Array;
  readonly removed: readonly FilterReport[];
  readonly level: Level;
  readonly cache: RecommendResponse['serving']['cache'];
  /** What the list is kept under in the cache; undefined where something was given up. */
  readonly keepAs: Uint8Array | undefined;
}
