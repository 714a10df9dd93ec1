/** The cheap score of all candidates: what orders them when no ranker may, and what chooses those the ranker sees. */
import { SOURCE_COUNT, SOURCES } from './candidates.js';
import type { FeatureInput } from './feature.js';

/** @returns one score a slot of `input.slots` */
export function firstPhase(input: FeatureInput): Float32Array {
  const { slots, candidates } = input;
  const out = new Float32Array(slots.length);
  for (let i = 0; i < slots.length; i++) {
    const base = (slots[i] ?? 0) * SOURCE_COUNT;
    let score = 0;
    for (let source = 0; source < SOURCES.length; source++) {
      const rank = candidates.ranks[base + source] ?? NaN;
      if (rank === rank) score += 1 / (20 + rank);
    }
    out[i] = score;
  }
  return out;
}

/** A first-phase score as a utility in [0, 1]. */
export function firstPhaseUtility(score: number): number {
  return Math.min(1, Math.max(0, score * 4));
}
