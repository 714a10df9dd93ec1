/**
 * The cheap score of all candidates: what orders them when no ranker may, and what chooses those the ranker sees. A track is due
 * when its gap and its queue say so, unless its artist was just heard; a new one by what follows and what is popular.
 */
import { TERM, TERM_COUNT } from '../worlds/track-terms.js';
import { SOURCE_BIT, SOURCE_COUNT, SOURCE_INDEX } from './candidates.js';
import type { Frame } from './frame.js';
import { gapBin } from './gap-bins.js';
import { ln } from './ln.js';
import { lnOfWhole } from './whole-logs.js';

/** Score of a track the listener never played, before what follows and popularity are added. */
const NEVER_PLAYED = -2;
/** ln of the gap within which an artist counts as just heard: about 55 plays. */
const ARTIST_GAP = 4;
const FOLLOWING = 0.5;

/** @returns one score for each of `slots`, in the candidates' working memory */
export function firstPhase(frame: Frame, slots: Uint32Array): Float32Array {
  const { now, nowLn, hazardLn, terms } = frame;
  const { ordinals, sources, scores: named, artists } = frame.candidates;
  const { last, plays, playsLn, gapLn, frontWideLn, artistGapLn } = frame.columns;
  const scores = frame.columns.firstPhase.subarray(0, slots.length);
  for (let i = 0; i < slots.length; i++) {
    const slot = slots[i];
    let score = NEVER_PLAYED;
    if (plays[slot] > 0) {
      score =
        lnOfWhole(plays[slot] + 1) +
        1.5 * Math.min(0, gapLn[slot] + playsLn[slot] - nowLn) +
        hazardLn[gapBin(now - last[slot])] +
        0.3 * frontWideLn[slot];
    }
    const artist = artists[slot];
    if (artist >= 0 && artistGapLn[artist] < ARTIST_GAP) score += artistGapLn[artist] - ARTIST_GAP;
    const by = sources[slot];
    if ((by & SOURCE_BIT.neighbours) !== 0) {
      const following = named[slot * SOURCE_COUNT + SOURCE_INDEX.neighbours];
      if (following > 0) score += FOLLOWING * ln(1 + following * 20);
    }
    if ((by & SOURCE_BIT.pool) !== 0) score += 0.5;
    scores[i] = score + 0.25 * terms[ordinals[slot] * TERM_COUNT + TERM.popularityScoreLn];
  }
  return scores;
}

/** A first-phase score as a utility in [0, 1]: a logistic curve through one half where a typical candidate stands. */
export function firstPhaseUtility(score: number): number {
  return 1 / (1 + Math.exp(-(score + 2)));
}
