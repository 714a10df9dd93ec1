/** rank: first phase over all, then the variant's ranker over the best `width`, one feature matrix a request. */
import { SOURCE_BIT } from '../../features/candidates.js';
import { computeFeatures } from '../../features/compute.js';
import { firstPhase, firstPhaseUtility } from '../../features/first-phase.js';
import { Frame } from '../../features/frame.js';
import type { HeadScores, Ranker } from '../../ranking/ranker.js';
import { fallingOrder } from '../falling-order.js';
import type { Filtered, RankedList, RankingDetails } from '../state.js';

export const FIRST_PHASE = 'first-phase';

/** The candidates that the ranker scores, by falling score of the first phase. */
export interface Shortlist {
  readonly frame: Frame;
  readonly slots: Uint32Array;
  /** First-phase scores, parallel to `slots`. */
  readonly scores: Float32Array;
}

/** First phase over all that was kept; the best `width` go on, and every promoted one. Ties by slot. */
export function shortlist(state: Filtered, width: number): Shortlist {
  const { listener, candidates, recents, kept } = state;
  const frame = new Frame({ catalogue: state.world.catalogue, listener, candidates, recents });
  const scores = firstPhase(frame, kept);
  const { columns } = candidates;
  const order = fallingOrder(scores, columns.order);
  const { shortlist: slots, shortlistScores: best } = columns;
  let count = 0;
  for (let i = 0; i < order.length; i++) {
    const index = order[i];
    const slot = kept[index];
    if (i >= width && (candidates.sources[slot] & SOURCE_BIT.promoted) === 0) continue;
    slots[count] = slot;
    best[count] = scores[index];
    count++;
  }
  return { frame, slots: slots.subarray(0, count), scores: best.subarray(0, count) };
}

/** The feature matrix of a shortlist, row-major, one row a slot. It lies in the candidates' working memory. */
export function featureMatrix({ frame, slots }: Shortlist, features: readonly string[]): Float32Array<ArrayBuffer> {
  return computeFeatures(frame, slots, features);
}

/** The shortlist ordered by the ranker's scores, or by the first phase when there are none. It lies in the candidates' working memory. */
export function rankedList(
  list: Shortlist,
  ranker: Ranker | undefined,
  heads: HeadScores | undefined,
): RankedList & { readonly rowOf: Uint32Array } {
  const { slots } = list;
  const { candidates } = list.frame.input;
  const scores = heads?.combined ?? list.scores;
  const { columns } = candidates;
  const rowOf = fallingOrder(scores, columns.rowOf);
  const ordinals = columns.rankedOrdinals.subarray(0, rowOf.length);
  const sources = columns.rankedSources.subarray(0, rowOf.length);
  const sorted = columns.rankedScores.subarray(0, rowOf.length);
  const utilities = columns.rankedUtilities.subarray(0, rowOf.length);
  for (let i = 0; i < rowOf.length; i++) {
    const row = rowOf[i];
    const slot = slots[row];
    ordinals[i] = candidates.ordinals[slot];
    sources[i] = candidates.sources[slot];
    sorted[i] = scores[row];
    utilities[i] = heads === undefined ? firstPhaseUtility(sorted[i]) : heads.utility[row];
  }
  return {
    ordinals,
    scores: sorted,
    utilities,
    sources,
    ranker: heads === undefined ? FIRST_PHASE : (ranker?.id ?? FIRST_PHASE),
    rowOf,
  };
}

/** What `explain` shows of a ranking. */
export function rankingDetails(
  list: Shortlist,
  rowOf: Uint32Array,
  features: readonly string[],
  matrix: Float32Array,
  heads: HeadScores | undefined,
): RankingDetails {
  return {
    featureNames: features,
    matrix,
    rowOf,
    slotOf: rowOf.map((row) => list.slots[row]),
    firstPhase: list.scores,
    heads,
  };
}
