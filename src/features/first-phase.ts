/**
 * The cheap score of all candidates: what orders them when no ranker may, and what chooses those the ranker sees. A track is due
 * when its gap and its queue say so, unless its artist was just heard; a new one by what follows and what is popular.
 */
import type { Frame } from './frame.js';

/** @returns one score for each of `slots`, in the candidates' working memory */
export function firstPhase(frame: Frame, slots: Uint32Array): Float32Array {
  const scores = frame.candidates.columns.firstPhase.subarray(0, slots.length);
  frame.kernel.firstPhase(frame, slots, scores);
  return scores;
}

/** A first-phase score as a utility in [0, 1]: a logistic curve through one half where a typical candidate stands. */
export function firstPhaseUtility(score: number): number {
  return 1 / (1 + Math.exp(-(score + 2)));
}
