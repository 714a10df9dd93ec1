/** All that features are computed from, worked out once a request; the definitions then only look up. */
import { EventCode } from '../listeners/listener.js';
import { ATTRIBUTE, EMBEDDING_SIZE, type Attribute } from '../worlds/attributes.js';
import { RECORD_BYTES, RECORD_FLOATS } from '../worlds/world.js';
import { SOURCES, SOURCE_COUNT, type Source } from './candidates.js';
import type { FeatureInput } from './feature.js';
import { indexIn } from './play-window.js';
import { playState, type PlayState } from './play-state.js';
import { FRONT_VALUES, RotationFronts } from './rotation.js';

/** Recent tracks that means are taken over. */
const RECENT_TRACKS = 5;

export class Frame {
  readonly plays: PlayState;
  /** Number of the play to come. */
  readonly now: number;
  /** Gap that the last play ended; NaN when it ended none. */
  readonly lastGap: number;
  /** Share of the starts since the build that were new to the listener, smoothed. */
  readonly newTrackShare: number;
  readonly sessionSkipShare: number;
  private readonly floats: Float32Array;
  private readonly bytes: Int8Array;
  private readonly recentMeans: Float64Array;
  private readonly recentEmbedding: Float32Array;
  private readonly recentEmbeddingNorm: number;
  private readonly fronts: Float32Array;
  private readonly artistLast = new Map<number, number>();
  private readonly artistShares = new Map<number, number>();

  constructor(readonly input: FeatureInput) {
    this.plays = playState(input);
    const { window } = this.plays;
    this.now = window.now;
    this.floats = input.catalogue.floats;
    this.bytes = input.catalogue.bytes;
    this.lastGap = this.lastGapOf();
    this.newTrackShare = (window.newTracks + 2) / (window.knownStarts + 20);
    this.sessionSkipShare = this.skipShareOf();
    this.recentMeans = this.recentMeansOf();
    this.recentEmbedding = new Float32Array(EMBEDDING_SIZE);
    this.recentEmbeddingNorm = this.addRecentEmbeddings();
    this.fronts = this.frontsOf();
    this.addArtists();
  }

  ordinal(slot: number): number {
    return this.input.candidates.ordinals[slot] ?? 0;
  }

  attribute(slot: number, index: number): number {
    return this.floats[this.ordinal(slot) * RECORD_FLOATS + index] ?? NaN;
  }

  /** Attribute of the track that plays now; NaN without one. */
  playing(index: number): number {
    const ordinal = this.input.recents.at(0);
    return ordinal === undefined ? NaN : (this.floats[ordinal * RECORD_FLOATS + index] ?? NaN);
  }

  /** Mean of an attribute over the last five tracks that have it. */
  recentMean(index: number): number {
    return this.recentMeans[index] ?? NaN;
  }

  sourceScore(slot: number, source: Source): number {
    return this.input.candidates.scores[slot * SOURCE_COUNT + SOURCE_INDEX[source]] ?? NaN;
  }

  sourceRank(slot: number, source: Source): number {
    return this.input.candidates.ranks[slot * SOURCE_COUNT + SOURCE_INDEX[source]] ?? NaN;
  }

  /** Plays since the last play of the track; NaN when never played. */
  gap(slot: number): number {
    const last = this.plays.last[slot] ?? -1;
    return last < 0 ? NaN : this.now - last;
  }

  /** A value of FRONT; NaN when never played. */
  front(slot: number, value: number): number {
    return this.fronts[slot * FRONT_VALUES + value] ?? NaN;
  }

  /** Plays since the last play of the track's artist; NaN when none is known. */
  artistGap(slot: number): number {
    const last = this.artistLast.get(this.attribute(slot, ATTRIBUTE.artist));
    return last === undefined ? NaN : this.now - last;
  }

  /** Share of the listener's plays, by the batch signals, that are by the track's artist; NaN when not known. */
  artistShare(slot: number): number {
    return this.artistShares.get(this.attribute(slot, ATTRIBUTE.artist)) ?? NaN;
  }

  /** Mean gap in plays between two plays of the artist, by the batch history; NaN when not known. */
  artistGapMean(slot: number): number {
    const history = this.input.listener.row?.history;
    if (history === undefined) return NaN;
    const index = indexIn(history.artistOrdinals, this.attribute(slot, ATTRIBUTE.artist));
    return index < 0 ? NaN : (history.artistGapMeans[index] ?? NaN);
  }

  /** Cosine of the track's embedding with the sum of the last five, 0 where either has none. */
  recentSimilarity(slot: number): number {
    if (this.recentEmbeddingNorm === 0) return 0;
    const base = this.ordinal(slot) * RECORD_BYTES + EMBEDDING_OFFSET;
    let dot = 0;
    let squares = 0;
    for (let i = 0; i < EMBEDDING_SIZE; i++) {
      const value = this.bytes[base + i] ?? 0;
      dot += value * (this.recentEmbedding[i] ?? 0);
      squares += value * value;
    }
    return squares === 0 ? 0 : dot / (Math.sqrt(squares) * this.recentEmbeddingNorm);
  }

  private lastGapOf(): number {
    const { window } = this.plays;
    const previous = window.count === 0 ? -1 : (window.previous[window.count - 1] ?? -1);
    return previous < 0 ? NaN : window.now - 1 - previous;
  }

  private skipShareOf(): number {
    const { session } = this.input.listener;
    let skips = 0;
    let ended = 0;
    for (let i = 0; i < session.count; i++) {
      if (session.types[i] === EventCode.skip) skips++;
      if (session.types[i] === EventCode.skip || session.types[i] === EventCode.playCompleted) ended++;
    }
    return ended === 0 ? NaN : skips / ended;
  }

  private recentMeansOf(): Float64Array {
    const means = new Float64Array(RECORD_FLOATS / 2).fill(NaN);
    const recents = this.input.recents.subarray(0, RECENT_TRACKS);
    for (const index of MEAN_ATTRIBUTES) {
      let sum = 0;
      let count = 0;
      for (const ordinal of recents) {
        const value = this.floats[ordinal * RECORD_FLOATS + index] ?? NaN;
        if (value !== value) continue;
        sum += value;
        count++;
      }
      if (count > 0) means[index] = sum / count;
    }
    return means;
  }

  private addRecentEmbeddings(): number {
    let squares = 0;
    for (const ordinal of this.input.recents.subarray(0, RECENT_TRACKS)) {
      const base = ordinal * RECORD_BYTES + EMBEDDING_OFFSET;
      for (let i = 0; i < EMBEDDING_SIZE; i++) {
        this.recentEmbedding[i] = (this.recentEmbedding[i] ?? 0) + (this.bytes[base + i] ?? 0);
      }
    }
    for (const value of this.recentEmbedding) squares += value * value;
    return Math.sqrt(squares);
  }

  private frontsOf(): Float32Array {
    const { count, ordinals } = this.input.candidates;
    const fronts = new Float32Array(count * FRONT_VALUES).fill(NaN);
    const rotation = new RotationFronts(this.plays.window);
    for (let slot = 0; slot < count; slot++) {
      const last = this.plays.last[slot] ?? -1;
      if (last >= 0) rotation.at(ordinals[slot] ?? 0, last, fronts, slot * FRONT_VALUES);
    }
    return fronts;
  }

  private addArtists(): void {
    const signals = this.input.listener.row?.signals;
    signals?.artistOrdinals.forEach((artist, i) => this.artistShares.set(artist, signals.artistWeights[i] ?? NaN));
    const history = this.input.listener.row?.history;
    if (history !== undefined) {
      for (let i = 0; i < history.artistOrdinals.length; i++) {
        this.artistLast.set(history.artistOrdinals[i] ?? 0, history.artistLastIndices[i] ?? 0);
      }
    }
    for (const [ordinal, { last }] of this.plays.window.replayed) {
      const artist = this.floats[ordinal * RECORD_FLOATS + ATTRIBUTE.artist] ?? NaN;
      if (last > (this.artistLast.get(artist) ?? -1)) this.artistLast.set(artist, last);
    }
  }
}

const EMBEDDING_OFFSET = RECORD_BYTES - EMBEDDING_SIZE;

const SOURCE_INDEX = Object.fromEntries(SOURCES.map((name, index) => [name, index])) as Readonly<
  Record<Source, number>
>;

const MEAN_ATTRIBUTES: readonly number[] = (
  ['tempoBpm', 'loudness', 'danceability', 'onsetRate', 'dynamicComplexity', 'releaseYear', 'energy'] as const
).map((name: Attribute) => ATTRIBUTE[name]);
