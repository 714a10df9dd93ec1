/** What the listener played of each candidate, and how their plays are spread: the ground of the history features. */
import { EventCode, type History } from '../listeners/listener.js';
import { slotIndexOf } from './candidates.js';
import type { FeatureInput } from './feature.js';
import { GAP_BINS, gapBin } from './gap-bins.js';
import { playWindow, type PlayWindow } from './play-window.js';

/** Arrays by slot of the candidates. */
export interface PlayState {
  readonly window: PlayWindow;
  /** Plays ever, by this listener. */
  readonly plays: Float32Array;
  /** Position of the last play; -1 when never played. */
  readonly last: Float64Array;
  /** Position of the last but one; -1 when not known. */
  readonly previous: Float64Array;
  /** Mean, median and least gap between two plays; NaN when played once at most. */
  readonly gapMean: Float32Array;
  readonly gapMedian: Float32Array;
  readonly gapMinimum: Float32Array;
  readonly skips: Float32Array;
  readonly completions: Float32Array;
  readonly sessionStarts: Float32Array;
  readonly sessionSkips: Float32Array;
  readonly sessionCompletions: Float32Array;
  /** By gap bin: plays of the window that ended a gap of this length, and known tracks whose gap is this long now. */
  readonly endedGaps: Float32Array;
  readonly openGaps: Float32Array;
}

export function playState(input: FeatureInput): PlayState {
  const { catalogue, candidates, listener } = input;
  const history = listener.row?.history;
  const window = playWindow(history, listener.session);
  const state = emptyState(candidates.count, window);
  const slotOf = slotIndexOf(catalogue);
  for (let slot = 0; slot < candidates.count; slot++) slotOf[candidates.ordinals[slot] ?? 0] = slot;
  if (history !== undefined) addHistory(state, history, slotOf);
  addReplays(state, history, slotOf);
  addSession(state, input, slotOf);
  for (let slot = 0; slot < candidates.count; slot++) slotOf[candidates.ordinals[slot] ?? 0] = -1;
  addEndedGaps(state);
  return state;
}

function emptyState(count: number, window: PlayWindow): PlayState {
  const zeros = (): Float32Array => new Float32Array(count);
  const missing = (): Float32Array => new Float32Array(count).fill(NaN);
  return {
    window,
    plays: zeros(),
    last: new Float64Array(count).fill(-1),
    previous: new Float64Array(count).fill(-1),
    gapMean: missing(),
    gapMedian: missing(),
    gapMinimum: missing(),
    skips: zeros(),
    completions: zeros(),
    sessionStarts: zeros(),
    sessionSkips: zeros(),
    sessionCompletions: zeros(),
    endedGaps: new Float32Array(GAP_BINS),
    openGaps: new Float32Array(GAP_BINS),
  };
}

function addHistory(state: PlayState, history: History, slotOf: Int32Array): void {
  const { now } = state.window;
  for (let i = 0; i < history.ordinals.length; i++) {
    const last = history.lastIndices[i] ?? 0;
    const plays = history.plays[i] ?? 0;
    countOpen(state, now - last, 1);
    const slot = slotOf[history.ordinals[i] ?? 0] ?? -1;
    if (slot < 0) continue;
    const gapLast = history.gapLasts[i] ?? NaN;
    state.plays[slot] = plays;
    state.last[slot] = last;
    state.previous[slot] = gapLast === gapLast ? last - gapLast : -1;
    state.gapMean[slot] = history.gapMeans[i] ?? NaN;
    state.gapMedian[slot] = history.gapMedians[i] ?? NaN;
    state.gapMinimum[slot] = history.gapMinimums[i] ?? NaN;
    state.skips[slot] = history.skips[i] ?? 0;
    state.completions[slot] = history.completions[i] ?? 0;
  }
}

/** Counts a track in, or with -1 out, of the gaps that are open. */
function countOpen({ openGaps }: PlayState, gap: number, by: 1 | -1): void {
  const bin = gapBin(gap);
  openGaps[bin] = (openGaps[bin] ?? 0) + by;
}

function addReplays(state: PlayState, history: History | undefined, slotOf: Int32Array): void {
  const { now, replayed } = state.window;
  for (const [ordinal, track] of replayed) {
    const index = track.inHistory;
    const playsBefore = index < 0 ? 0 : (history?.plays[index] ?? 0);
    const lastBefore = index < 0 ? -1 : (history?.lastIndices[index] ?? -1);
    if (index >= 0) countOpen(state, now - lastBefore, -1);
    const plays = playsBefore + track.starts;
    countOpen(state, now - track.last, 1);
    const slot = slotOf[ordinal] ?? -1;
    if (slot < 0) continue;
    const gapsBefore = Math.max(0, playsBefore - 1);
    const spanBefore = gapsBefore === 0 ? 0 : (state.gapMean[slot] ?? 0) * gapsBefore;
    const first = lastBefore < 0 ? firstStart(state.window, ordinal, track.last) : lastBefore - spanBefore;
    state.plays[slot] = plays;
    state.last[slot] = track.last;
    state.previous[slot] = track.previous;
    state.sessionStarts[slot] = track.starts;
    if (plays > 1) state.gapMean[slot] = (track.last - first) / (plays - 1);
    if (track.gapMinimum < Infinity) {
      const before = state.gapMinimum[slot] ?? NaN;
      state.gapMinimum[slot] = before === before ? Math.min(before, track.gapMinimum) : track.gapMinimum;
      if (Number.isNaN(state.gapMedian[slot])) state.gapMedian[slot] = track.last - track.previous;
    }
  }
}

/** Position of the first start of a track within the window. */
function firstStart(window: PlayWindow, ordinal: number, otherwise: number): number {
  const index = window.ordinals.indexOf(ordinal);
  return index < 0 ? otherwise : window.now - window.count + index;
}

function addSession(state: PlayState, { listener }: FeatureInput, slotOf: Int32Array): void {
  const { session } = listener;
  for (let i = 0; i < session.count; i++) {
    const ordinal = session.ordinals[i] ?? -1;
    const slot = ordinal < 0 ? -1 : (slotOf[ordinal] ?? -1);
    if (slot < 0) continue;
    const type = session.types[i];
    const isNew = session.isNew[i] === 1 ? 1 : 0;
    if (type === EventCode.skip) {
      state.sessionSkips[slot] = (state.sessionSkips[slot] ?? 0) + 1;
      state.skips[slot] = (state.skips[slot] ?? 0) + isNew;
    } else if (type === EventCode.playCompleted) {
      state.sessionCompletions[slot] = (state.sessionCompletions[slot] ?? 0) + 1;
      state.completions[slot] = (state.completions[slot] ?? 0) + isNew;
    }
  }
}

function addEndedGaps({ window, endedGaps }: PlayState): void {
  const base = window.now - window.count;
  for (let i = 0; i < window.count; i++) {
    const previous = window.previous[i] ?? -1;
    if (previous < 0) continue;
    const bin = gapBin(Math.round(base + i - previous));
    endedGaps[bin] = (endedGaps[bin] ?? 0) + 1;
  }
}
