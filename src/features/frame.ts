/** All that features are computed from, worked out once a request; the definitions then only look up. */
import { EventCode } from '../listeners/listener.js';
import { ATTRIBUTE, EMBEDDING_SIZE, type Attribute } from '../worlds/attributes.js';
import { DOTS_MAX, embeddingDotsOf } from '../worlds/embedding-dots.js';
import { EMBEDDING_OFFSET, TERM, TERM_COUNT, trackTermsOf } from '../worlds/track-terms.js';
import { RECORD_BYTES, RECORD_FLOATS } from '../worlds/world.js';
import { withArtistNumbers, type Candidates } from './candidates.js';
import type { FeatureInput } from './feature.js';
import { GAP_BINS } from './gap-bins.js';
import { ln } from './ln.js';
import { fillMissing } from './missing.js';
import { playState } from './play-state.js';
import { fillFronts, frontsOf } from './rotation.js';
import type { SlotColumns } from './slot-columns.js';
import type { PlayWindow } from './play-window.js';
import { lnOfWhole } from './whole-logs.js';

/** Recent tracks that means are taken over. */
const RECENT_TRACKS = 5;

export class Frame {
  /** The catalogue's records; see `Catalogue`. */
  readonly floats: Float32Array;
  readonly bytes: Int8Array;
  /** See `track-terms.ts`. */
  readonly terms: Float32Array;
  readonly candidates: Candidates;
  /** By slot; see `SlotColumns`. */
  readonly columns: SlotColumns;
  /** Number of the play to come. */
  readonly now: number;
  /** ln of `now`; NaN before the first play. */
  readonly nowLn: number;
  /** ln of the gap that the last play ended; NaN when it ended none. */
  readonly lastGapLn: number;
  /** By gap bin, ln of: how often recent plays ended a gap of this length, for each known track whose gap is so long now. */
  readonly hazardLn: Float64Array;
  /** By gap bin, ln of how many recent plays ended a gap of this length. */
  readonly frequencyLn: Float64Array;
  /** Share of the starts since the build that were new to the listener, smoothed. */
  readonly newTrackShare: number;
  readonly sessionSkipShare: number;
  /** ln(1 + starts since the build). */
  readonly startsSinceBuildLn: number;
  private readonly recentMeans: Float64Array;
  private readonly recentEmbedding: Int32Array;
  /** 1 / length of `recentEmbedding`; 0 where there is none. */
  private readonly recentEmbeddingScale: number;

  constructor(readonly input: FeatureInput) {
    const { catalogue, candidates, listener } = input;
    this.candidates = candidates;
    this.columns = candidates.columns;
    this.floats = catalogue.floats;
    this.bytes = catalogue.bytes;
    this.terms = trackTermsOf(catalogue);
    const { window, endedGaps, openGaps } = playState(input);
    this.now = window.now;
    this.nowLn = lnOfWhole(window.now);
    this.lastGapLn = lastGapLnOf(window);
    this.newTrackShare = (window.newTracks + 2) / (window.knownStarts + 20);
    this.sessionSkipShare = skipShareOf(input);
    this.startsSinceBuildLn = Math.log1p(listener.session.playsSinceBuild);
    this.hazardLn = this.columns.hazardLn;
    this.frequencyLn = this.columns.frequencyLn;
    for (let bin = 0; bin < GAP_BINS; bin++) {
      const ended = smoothed(endedGaps, bin);
      this.hazardLn[bin] = Math.log((ended + 0.3) / (smoothed(openGaps, bin) + 3));
      this.frequencyLn[bin] = Math.log(ended + 0.5);
    }
    fillFronts(frontsOf(window), candidates);
    fillArtists(input, window);
    this.fillLogs();
    this.recentMeans = this.recentMeansOf();
    this.recentEmbedding = this.columns.recentEmbedding.fill(0);
    this.recentEmbeddingScale = this.addRecentEmbeddings();
  }

  /** Attribute of the track that plays now; NaN without one. */
  playing(attribute: number): number {
    const { recents } = this.input;
    return recents.length === 0 ? NaN : this.floats[recents[0] * RECORD_FLOATS + attribute];
  }

  /** A value of TERM of the track that plays now; NaN without one. */
  playingTerm(term: number): number {
    const { recents } = this.input;
    return recents.length === 0 ? NaN : this.terms[recents[0] * TERM_COUNT + term];
  }

  /** Mean of an attribute over the last five tracks that have it. */
  recentMean(attribute: number): number {
    return this.recentMeans[attribute];
  }

  /** Writes the cosine of each track's embedding with the sum of the last five, 0 where either has none. */
  recentSimilarities(slots: Uint32Array, out: Float32Array, from: number, width: number): void {
    const { terms, recentEmbedding, recentEmbeddingScale } = this;
    const embeddingDots = embeddingDotsOf(this.input.catalogue);
    const { vector, ordinals, dots } = embeddingDots;
    const all = this.candidates.ordinals;
    vector.set(recentEmbedding);
    for (let start = 0; start < slots.length; start += DOTS_MAX) {
      const count = Math.min(DOTS_MAX, slots.length - start);
      for (let i = 0; i < count; i++) ordinals[i] = all[slots[start + i]];
      embeddingDots.compute(count);
      for (let i = 0, at = from + start * width; i < count; i++, at += width) {
        out[at] = dots[i] * terms[ordinals[i] * TERM_COUNT + TERM.embeddingScale] * recentEmbeddingScale;
      }
    }
  }

  /** Logarithms that several features and the first phase look at. */
  private fillLogs(): void {
    const { columns, candidates, now } = this;
    const { last, plays, playsLn, gapLn, artistLast, artistGapLn } = columns;
    for (let slot = 0; slot < candidates.count; slot++) {
      playsLn[slot] = lnOfWhole(plays[slot]);
      gapLn[slot] = last[slot] < 0 ? NaN : lnOfWhole(now - last[slot]);
    }
    for (let artist = 0; artist < candidates.artistCount; artist++) {
      artistGapLn[artist] = artistLast[artist] < 0 ? NaN : lnOfWhole(now - artistLast[artist]);
    }
  }

  private recentMeansOf(): Float64Array {
    const means = this.columns.recentMeans.fill(NaN);
    const { recents } = this.input;
    const recent = Math.min(recents.length, RECENT_TRACKS);
    for (const index of MEAN_ATTRIBUTES) {
      let sum = 0;
      let count = 0;
      for (let i = 0; i < recent; i++) {
        const value = this.floats[recents[i] * RECORD_FLOATS + index];
        if (value !== value) continue;
        sum += value;
        count++;
      }
      if (count > 0) means[index] = sum / count;
    }
    return means;
  }

  private addRecentEmbeddings(): number {
    const { bytes, recentEmbedding } = this;
    const { recents } = this.input;
    for (let recent = 0; recent < recents.length && recent < RECENT_TRACKS; recent++) {
      const base = recents[recent] * RECORD_BYTES + EMBEDDING_OFFSET;
      for (let i = 0; i < EMBEDDING_SIZE; i++) recentEmbedding[i] += bytes[base + i];
    }
    let squares = 0;
    for (let i = 0; i < EMBEDDING_SIZE; i++) squares += recentEmbedding[i] * recentEmbedding[i];
    return squares === 0 ? 0 : 1 / Math.sqrt(squares);
  }
}

const MEAN_ATTRIBUTES: readonly number[] = (
  ['tempoBpm', 'loudness', 'danceability', 'onsetRate', 'dynamicComplexity', 'releaseYear', 'energy'] as const
).map((name: Attribute) => ATTRIBUTE[name]);

/** Counts of a gap bin with half of its neighbours'. */
function smoothed(counts: Float32Array, bin: number): number {
  const before = bin > 0 ? counts[bin - 1] : 0;
  const after = bin < GAP_BINS - 1 ? counts[bin + 1] : 0;
  return counts[bin] + 0.5 * (before + after);
}

function lastGapLnOf(window: PlayWindow): number {
  const previous = window.count === 0 ? -1 : window.previous[window.count - 1];
  return previous < 0 ? NaN : lnOfWhole(window.now - 1 - previous);
}

function skipShareOf({ listener: { session } }: FeatureInput): number {
  let skips = 0;
  let ended = 0;
  for (let i = 0; i < session.count; i++) {
    if (session.types[i] === EventCode.skip) skips++;
    if (session.types[i] === EventCode.skip || session.types[i] === EventCode.playCompleted) ended++;
  }
  return ended === 0 ? NaN : skips / ended;
}

/** Fills the columns of the candidates' artists. */
function fillArtists({ catalogue, candidates, listener }: FeatureInput, window: PlayWindow): void {
  const { columns, artistCount } = candidates;
  columns.artistLast.fill(-1, 0, artistCount);
  fillMissing(columns.artistShareLn, artistCount);
  fillMissing(columns.artistGapMeanLn, artistCount);
  const signals = listener.row?.signals;
  const history = listener.row?.history;
  withArtistNumbers(candidates, catalogue, (numberOf) => {
    if (signals !== undefined) {
      for (let i = 0; i < signals.artistOrdinals.length; i++) {
        const artist = numberOf[signals.artistOrdinals[i]];
        if (artist >= 0) columns.artistShareLn[artist] = ln(signals.artistWeights[i]);
      }
    }
    if (history !== undefined) {
      for (let i = 0; i < history.artistOrdinals.length; i++) {
        const artist = numberOf[history.artistOrdinals[i]];
        if (artist < 0) continue;
        columns.artistLast[artist] = history.artistLastIndices[i];
        columns.artistGapMeanLn[artist] = ln(history.artistGapMeans[i]);
      }
    }
    for (const [ordinal, { last }] of window.replayed) {
      const ordinalOfArtist = catalogue.floats[ordinal * RECORD_FLOATS + ATTRIBUTE.artist];
      const artist = ordinalOfArtist >= 0 ? numberOf[ordinalOfArtist] : -1;
      if (artist >= 0 && last > columns.artistLast[artist]) columns.artistLast[artist] = last;
    }
  });
}
