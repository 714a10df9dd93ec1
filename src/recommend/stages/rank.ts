/** rank: first phase over all, then the variant's ranker over the best `width`, one feature matrix a request. */
import { SOURCE_BIT } from '../../features/candidates.js';
import { computeFeatures } from '../../features/compute.js';
import { firstPhase, firstPhaseUtility } from '../../features/first-phase.js';
import { Frame } from '../../features/frame.js';
import type { HeadScores, Ranker } from '../../ranking/ranker.js';
import { fallingOrder } from '../falling-order.js';
import type { Filtered, RankedList, RankingDetails } from '../state.js';

export const FIRST_PHASE = 'first-phase';

/** The candidates that the ranker scores, then those that follow them unscored; both by falling score of the first phase. */
export interface Shortlist {
  readonly frame: Frame;
  readonly slots: Uint32Array;
  /** Of `slots`, how many the ranker scores. */
  readonly rows: number;
  /** First-phase scores, parallel to `slots`. */
  readonly scores: Float32Array;
}

/**
 * First phase over all that was kept; the best `width` go on, and every promoted one. Ties by slot.
 *
 * @param listed so many at least are in the list, as far as there are: the next best follow those that the ranker scores
 */
export function shortlist(state: Filtered, width: number, listed = 0): Shortlist {
  const { listener, candidates, recents, kept } = state;
  const frame = new Frame({ catalogue: state.world.catalogue, listener, candidates, recents });
  const scores = firstPhase(frame, kept);
  const { columns } = candidates;
  const order = fallingOrder(scores, columns.order);
  const { shortlist: slots, shortlistScores: best } = columns;
  let rows = 0;
  for (let i = 0; i < order.length; i++) {
    const index = order[i];
    const slot = kept[index];
    if (i >= width && (candidates.sources[slot] & SOURCE_BIT.promoted) === 0) continue;
    slots[rows] = slot;
    best[rows] = scores[index];
    rows++;
  }
  let count = rows;
  for (let i = width; i < order.length && count < listed; i++) {
    const index = order[i];
    const slot = kept[index];
    if ((candidates.sources[slot] & SOURCE_BIT.promoted) !== 0) continue;
    slots[count] = slot;
    best[count] = scores[index];
    count++;
  }
  return { frame, slots: slots.subarray(0, count), scores: best.subarray(0, count), rows };
}

/** The feature matrix of what the ranker scores, row-major, one row a slot. It lies in the candidates' working memory. */
export function featureMatrix(
  { frame, slots, rows }: Shortlist,
  features: readonly string[],
): Float32Array<ArrayBuffer> {
  return computeFeatures(frame, slots.subarray(0, rows), features);
}

/**
 * The shortlist ordered by the ranker's scores, and behind them what the ranker did not score; or all of it by the first phase when
 * there are no scores. It lies in the candidates' working memory.
 */
export function rankedList(
  list: Shortlist,
  ranker: Ranker | undefined,
  heads: HeadScores | undefined,
): RankedList & { readonly rowOf: Uint32Array } {
  const { slots } = list;
  const { candidates } = list.frame.input;
  const scores = heads?.combined ?? list.scores;
  const { columns } = candidates;
  const count = slots.length;
  const rowOf = columns.rowOf.subarray(0, count);
  const ordinals = columns.rankedOrdinals.subarray(0, count);
  const sources = columns.rankedSources.subarray(0, count);
  const sorted = columns.rankedScores.subarray(0, count);
  const utilities = columns.rankedUtilities.subarray(0, count);
  const scored = fallingOrder(scores, rowOf).length;
  for (let i = 0; i < scored; i++) {
    const row = rowOf[i];
    sorted[i] = scores[row];
    utilities[i] = heads === undefined ? firstPhaseUtility(sorted[i]) : heads.utility[row];
  }
  if (scored < count) follow(list, scored, sorted, utilities, rowOf);
  for (let i = 0; i < count; i++) {
    const slot = slots[rowOf[i]];
    ordinals[i] = candidates.ordinals[slot];
    sources[i] = candidates.sources[slot];
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

/**
 * What the ranker did not score goes on from its last one: as much below it as the first phase has it below the best of them, and
 * of the same utility, which is the most it may have.
 */
function follow(
  { scores }: Shortlist,
  from: number,
  sorted: Float32Array,
  utilities: Float32Array,
  rowOf: Uint32Array,
): void {
  const lowest = sorted[from - 1] - scores[from];
  utilities.fill(utilities[from - 1], from);
  for (let i = from; i < sorted.length; i++) {
    sorted[i] = lowest + scores[i];
    rowOf[i] = i;
  }
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
