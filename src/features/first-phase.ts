/**
 * The cheap score of all candidates: what orders them when no ranker may, and what chooses those the ranker sees. A track is due
 * when its gap and its queue say so, unless its artist was just heard; a new one by what follows and what is popular.
 */
import { ATTRIBUTE } from '../worlds/attributes.js';
import { gapAgainstRate, gapHazard } from './definitions/history.js';
import { FRONT } from './rotation.js';
import type { Frame } from './frame.js';

/** Score of a track the listener never played, before what follows and popularity are added. */
const NEVER_PLAYED = -2;
/** ln of the gap within which an artist counts as just heard: about 55 plays. */
const ARTIST_GAP = 4;

/** @returns one score for each of `slots` */
export function firstPhase(frame: Frame, slots: Uint32Array): Float32Array {
  const scores = new Float32Array(slots.length);
  for (let i = 0; i < slots.length; i++) scores[i] = scoreOf(frame, slots[i] ?? 0);
  return scores;
}

function scoreOf(frame: Frame, slot: number): number {
  let score = NEVER_PLAYED;
  if ((frame.plays.plays[slot] ?? 0) > 0) {
    score =
      Math.log1p(frame.plays.plays[slot] ?? 0) +
      1.5 * Math.min(0, gapAgainstRate(frame, slot)) +
      gapHazard(frame, slot) +
      0.3 * Math.log(frame.front(slot, FRONT.wide) + 0.3);
  }
  const artistGap = frame.artistGap(slot);
  if (artistGap > 0) score += Math.min(0, Math.log(artistGap) - ARTIST_GAP);
  const following = frame.sourceScore(slot, 'neighbours');
  if (following > 0) score += FOLLOWING * Math.log1p(following * 20);
  if (!Number.isNaN(frame.sourceRank(slot, 'pool'))) score += 0.5;
  return score + 0.25 * Math.log(0.01 + frame.attribute(slot, ATTRIBUTE.popularity));
}

const FOLLOWING = 0.5;

/** A first-phase score as a utility in [0, 1]: a logistic curve through one half where a typical candidate stands. */
export function firstPhaseUtility(score: number): number {
  return 1 / (1 + Math.exp(-(score + 2)));
}
