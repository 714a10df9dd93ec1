/** Working memory of the stages: columns of numbers by slot of the candidates, written anew by each request, grown to the largest. */

import { ATTRIBUTE_COUNT, EMBEDDING_SIZE } from '../worlds/attributes.js';
import { GAP_BINS } from './gap-bins.js';
import { fillMissing } from './missing.js';
import { WINDOW_PLAYS } from './play-window.js';

const FLOAT_COLUMNS = [
  'plays',
  'playsLn',
  'gapLn',
  'gapMean',
  'gapMinimum',
  'skips',
  'completions',
  'sessionStarts',
  'sessionSkips',
  'sessionCompletions',
  'frontNear',
  'frontWideLn',
  'frontNearest',
  'firstPhase',
  'shortlistScores',
] as const;

export class SlotColumns {
  /** Position of the last play; -1 when never played. */
  last = new Int32Array(0);
  /** Plays ever, by this listener. */
  plays = new Float32Array(0);
  /** ln of the plays, and of the plays since the last one; NaN when never played. */
  playsLn = new Float32Array(0);
  gapLn = new Float32Array(0);
  /** Mean and least gap between two plays; NaN when played once at most. */
  gapMean = new Float32Array(0);
  gapMinimum = new Float32Array(0);
  skips = new Float32Array(0);
  completions = new Float32Array(0);
  sessionStarts = new Float32Array(0);
  sessionSkips = new Float32Array(0);
  sessionCompletions = new Float32Array(0);
  /** See `rotation.ts`; NaN when never played. */
  frontNear = new Float32Array(0);
  frontWideLn = new Float32Array(0);
  frontNearest = new Float32Array(0);
  /** What the filter removed, by rule; 0 was kept. */
  removedBy = new Uint8Array(0);
  /** Slots that the filter kept. */
  kept = new Uint32Array(0);
  /** By artist of the candidates: position of the last play, -1 when not known. */
  artistLast = new Int32Array(0);
  /** By artist, ln of: plays since the last one of the artist, share of the listener's plays, mean gap; NaN when not known. */
  artistGapLn = new Float32Array(0);
  artistShareLn = new Float32Array(0);
  artistGapMeanLn = new Float32Array(0);
  /** Score of the first phase, and the slots that go on in its order with their scores. */
  firstPhase = new Float32Array(0);
  shortlist = new Uint32Array(0);
  shortlistScores = new Float32Array(0);
  /** Order of the first phase, by index into what it scored. */
  order = new Uint32Array(0);
  /** The ranked list by falling score, and the row of the matrix that each entry had. */
  rankedOrdinals = new Uint32Array(0);
  rankedScores = new Float32Array(0);
  rankedUtilities = new Float32Array(0);
  rankedSources = new Uint8Array(0);
  rowOf = new Uint32Array(0);
  /** Of the listener, not of a slot. */
  readonly window = { ordinals: new Int32Array(WINDOW_PLAYS), previous: new Float64Array(WINDOW_PLAYS) };
  readonly endedGaps = new Float32Array(GAP_BINS);
  readonly openGaps = new Float32Array(GAP_BINS);
  readonly hazardLn = new Float64Array(GAP_BINS);
  readonly frequencyLn = new Float64Array(GAP_BINS);
  readonly recentMeans = new Float64Array(ATTRIBUTE_COUNT);
  readonly recentEmbedding = new Int32Array(EMBEDDING_SIZE);
  private size = 0;
  private floats = new Float32Array(0);

  /** At least `count` entries a column; the content is whatever an earlier request left. */
  grow(count: number): void {
    if (count <= this.size) return;
    this.size = count;
    this.last = new Int32Array(count);
    for (const name of FLOAT_COLUMNS) this[name] = new Float32Array(count);
    this.removedBy = new Uint8Array(count);
    this.kept = new Uint32Array(count);
    this.shortlist = new Uint32Array(count);
    this.order = new Uint32Array(count);
    this.rankedOrdinals = new Uint32Array(count);
    this.rankedScores = new Float32Array(count);
    this.rankedUtilities = new Float32Array(count);
    this.rankedSources = new Uint8Array(count);
    this.rowOf = new Uint32Array(count);
    this.artistLast = new Int32Array(count);
    this.artistGapLn = new Float32Array(count);
    this.artistShareLn = new Float32Array(count);
    this.artistGapMeanLn = new Float32Array(count);
  }

  /** Columns of the listener's plays, as of a candidate that was never played. */
  clearPlays(count: number): void {
    this.grow(count);
    this.last.fill(-1, 0, count);
    this.plays.fill(0, 0, count);
    fillMissing(this.gapMean, count);
    fillMissing(this.gapMinimum, count);
    this.skips.fill(0, 0, count);
    this.completions.fill(0, 0, count);
    this.sessionStarts.fill(0, 0, count);
    this.sessionSkips.fill(0, 0, count);
    this.sessionCompletions.fill(0, 0, count);
  }

  /** Room for a feature matrix; the content is whatever an earlier request left. */
  matrix(length: number): Float32Array<ArrayBuffer> {
    if (this.floats.length < length) this.floats = new Float32Array(length);
    return this.floats.subarray(0, length);
  }
}
