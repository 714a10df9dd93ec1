/** All that features are computed from, worked out once a request and handed to the kernel; valid until the next request's frame. */
import { EventCode, type Signals } from '../listeners/listener.js';
import { ATTRIBUTE, EMBEDDING_SIZE, type Attribute } from '../worlds/attributes.js';
import { camelotNumber } from '../worlds/camelot.js';
import { EMBEDDING_OFFSET, RECORD_BYTES, RECORD_FLOATS } from '../worlds/world.js';
import { withArtistNumbers, type Candidates } from './candidates.js';
import type { FeatureInput } from './feature.js';
import { GAP_BINS } from './gap-bins.js';
import { kernelOf, YEAR_BASE, type FeatureKernel } from './kernel.js';
import { ln } from './ln.js';
import { fillMissing } from './missing.js';
import { playState, type PlayState } from './play-state.js';
import type { PlayWindow } from './play-window.js';
import { fillFronts, frontsOf } from './rotation.js';
import { lnOfWhole } from './whole-logs.js';

/** Recent tracks that means are taken over. */
const RECENT_TRACKS = 5;
/** Least deviation that a distance is measured in, so that a listener of one track is not infinitely far from all others. */
const DEVIATION_MIN = 1e-3;

/** What the distance from a listener's taste is taken over, in the kernel's order. */
export const TASTE_ATTRIBUTES: readonly number[] = (
  ['tempoBpm', 'loudness', 'danceability', 'onsetRate', 'dynamicComplexity', 'energy'] as const
).map((name: Attribute) => ATTRIBUTE[name]);

export class Frame {
  readonly candidates: Candidates;
  readonly kernel: FeatureKernel;

  constructor(readonly input: FeatureInput) {
    const { catalogue, candidates } = input;
    this.candidates = candidates;
    this.kernel = kernelOf(catalogue);
    this.kernel.begin(this, candidates);
    const plays = playState(input, this.kernel);
    setPlays(this.kernel, input, plays);
    fillFronts(frontsOf(plays.window), candidates, this.kernel);
    fillArtists(input, plays.window, this.kernel);
    setTaste(this.kernel, input.listener.row?.signals);
    setRecent(this.kernel, input);
  }
}

/** Numbers of the listener's plays. */
function setPlays(kernel: FeatureKernel, input: FeatureInput, { window, endedGaps, openGaps }: PlayState): void {
  kernel.setNow(window.now);
  kernel.set('nowLn', lnOfWhole(window.now));
  kernel.set('lastGapLn', lastGapLnOf(window));
  kernel.set('newTrackShare', (window.newTracks + 2) / (window.knownStarts + 20));
  kernel.set('sessionSkipShare', skipShareOf(input));
  kernel.set('startsSinceBuildLn', Math.log1p(input.listener.session.playsSinceBuild));
  for (let bin = 0; bin < GAP_BINS; bin++) {
    const ended = smoothed(endedGaps, bin);
    kernel.hazardLn[bin] = Math.log((ended + 0.3) / (smoothed(openGaps, bin) + 3));
    kernel.frequencyLn[bin] = Math.log(ended + 0.5);
  }
}

/** What distances are measured from and in. Of a listener without signals every distance is missing. */
function setTaste(kernel: FeatureKernel, signals: Signals | undefined): void {
  for (let i = 0; i < TASTE_ATTRIBUTES.length; i++) {
    const attribute = TASTE_ATTRIBUTES[i];
    kernel.tasteMeans[i] = signals?.attributeMeans[attribute] ?? NaN;
    kernel.tasteScales[i] = 1 / Math.max(DEVIATION_MIN, signals?.attributeDeviations[attribute] ?? NaN);
  }
  kernel.set('tasteYear', (signals?.attributeMeans[ATTRIBUTE.releaseYear] ?? NaN) - YEAR_BASE);
}

/** What plays now and what played just before. */
function setRecent(kernel: FeatureKernel, { catalogue, recents }: FeatureInput): void {
  const { floats, bytes } = catalogue;
  const playing = recents.length === 0 ? -1 : recents[0];
  const attribute = (index: number): number => (playing < 0 ? NaN : floats[playing * RECORD_FLOATS + index]);
  const mode = attribute(ATTRIBUTE.mode);
  kernel.set('playingTempoLog2', Math.log2(attribute(ATTRIBUTE.tempoBpm)));
  kernel.set('playingKeyNumber', camelotNumber(attribute(ATTRIBUTE.key), mode) - 1);
  kernel.set('playingMode', mode);
  kernel.set('playingEnergy', attribute(ATTRIBUTE.energy));
  kernel.set('playingYear', attribute(ATTRIBUTE.releaseYear) - YEAR_BASE);
  kernel.set('recentLoudness', recentMean(floats, recents, ATTRIBUTE.loudness));
  kernel.set('recentYear', recentMean(floats, recents, ATTRIBUTE.releaseYear) - YEAR_BASE);
  kernel.set('recentEmbeddingScale', addRecentEmbeddings(bytes, recents, kernel.recentEmbedding.fill(0)));
}

/** Mean of an attribute over the last tracks that have it. */
function recentMean(floats: Float32Array, recents: Uint32Array, attribute: number): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < recents.length && i < RECENT_TRACKS; i++) {
    const value = floats[recents[i] * RECORD_FLOATS + attribute];
    if (value !== value) continue;
    sum += value;
    count++;
  }
  return count === 0 ? NaN : sum / count;
}

/** Sums the embeddings of the last tracks. @returns 1 / length of the sum; 0 where there is none */
function addRecentEmbeddings(bytes: Int8Array, recents: Uint32Array, sum: Int16Array): number {
  for (let recent = 0; recent < recents.length && recent < RECENT_TRACKS; recent++) {
    const base = recents[recent] * RECORD_BYTES + EMBEDDING_OFFSET;
    for (let i = 0; i < EMBEDDING_SIZE; i++) sum[i] += bytes[base + i];
  }
  let squares = 0;
  for (let i = 0; i < EMBEDDING_SIZE; i++) squares += sum[i] * sum[i];
  return squares === 0 ? 0 : 1 / Math.sqrt(squares);
}

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
function fillArtists(
  { catalogue, candidates, listener }: FeatureInput,
  window: PlayWindow,
  kernel: FeatureKernel,
): void {
  const { artistCount } = candidates;
  const { artistLast, artistGapLn, artistShareLn, artistGapMeanLn } = kernel;
  artistLast.fill(-1, 0, artistCount);
  fillMissing(artistShareLn, artistCount);
  fillMissing(artistGapMeanLn, artistCount);
  const signals = listener.row?.signals;
  const history = listener.row?.history;
  withArtistNumbers(candidates, catalogue, (numberOf) => {
    if (signals !== undefined) {
      for (let i = 0; i < signals.artistOrdinals.length; i++) {
        const artist = numberOf[signals.artistOrdinals[i]];
        if (artist >= 0) artistShareLn[artist] = ln(signals.artistWeights[i]);
      }
    }
    if (history !== undefined) {
      for (let i = 0; i < history.artistOrdinals.length; i++) {
        const artist = numberOf[history.artistOrdinals[i]];
        if (artist < 0) continue;
        artistLast[artist] = history.artistLastIndices[i];
        artistGapMeanLn[artist] = ln(history.artistGapMeans[i]);
      }
    }
    for (const [ordinal, { last }] of window.replayed) {
      const ordinalOfArtist = catalogue.floats[ordinal * RECORD_FLOATS + ATTRIBUTE.artist];
      const artist = ordinalOfArtist >= 0 ? numberOf[ordinalOfArtist] : -1;
      if (artist >= 0 && last > artistLast[artist]) artistLast[artist] = last;
    }
  });
  for (let artist = 0; artist < artistCount; artist++) {
    artistGapLn[artist] = artistLast[artist] < 0 ? NaN : lnOfWhole(window.now - artistLast[artist]);
  }
}
