/** What the listener played of each candidate, and how their plays are spread: the ground of the history features. */
import { EventCode, type History } from '../listeners/listener.js';
import { withSlots } from './candidates.js';
import type { FeatureInput } from './feature.js';
import { gapBin } from './gap-bins.js';
import { playWindow, type PlayWindow } from './play-window.js';
import type { FeatureKernel } from './kernel.js';
import { fillMissing } from './missing.js';

export interface PlayState {
  readonly window: PlayWindow;
  /** By gap bin: plays of the window that ended a gap of this length, and known tracks whose gap is this long now. */
  readonly endedGaps: Float32Array;
  readonly openGaps: Float32Array;
}

/** Fills the columns of the listener's plays. */
export function playState(input: FeatureInput, columns: FeatureKernel): PlayState {
  const { catalogue, candidates, listener } = input;
  const history = listener.row?.history;
  const window = playWindow(history, listener.session, columns.window);
  const state = { window, endedGaps: columns.endedGaps.fill(0), openGaps: columns.openGaps.fill(0) };
  clearPlays(columns, candidates.count);
  withSlots(candidates, catalogue, (slotOf) => {
    if (history !== undefined) addHistory(state, columns, history, slotOf);
    addReplays(state, columns, history, slotOf);
    addSession(columns, input, slotOf);
  });
  addEndedGaps(state);
  return state;
}

/** Columns as of candidates that were never played. */
function clearPlays(columns: FeatureKernel, count: number): void {
  columns.last.fill(-1, 0, count);
  columns.plays.fill(0, 0, count);
  fillMissing(columns.gapMean, count);
  fillMissing(columns.gapMinimum, count);
  columns.skips.fill(0, 0, count);
  columns.completions.fill(0, 0, count);
  columns.sessionStarts.fill(0, 0, count);
  columns.sessionSkips.fill(0, 0, count);
  columns.sessionCompletions.fill(0, 0, count);
}

function addHistory(
  { window, openGaps }: PlayState,
  columns: FeatureKernel,
  history: History,
  slotOf: Int32Array,
): void {
  const { now } = window;
  const { ordinals, lastIndices } = history;
  for (let i = 0; i < ordinals.length; i++) {
    const last = lastIndices[i];
    openGaps[gapBin(now - last)]++;
    const slot = slotOf[ordinals[i]];
    if (slot < 0) continue;
    columns.plays[slot] = history.plays[i];
    columns.last[slot] = last;
    columns.gapMean[slot] = history.gapMeans[i];
    columns.gapMinimum[slot] = history.gapMinimums[i];
    columns.skips[slot] = history.skips[i];
    columns.completions[slot] = history.completions[i];
  }
}

function addReplays(
  { window, openGaps }: PlayState,
  columns: FeatureKernel,
  history: History | undefined,
  slotOf: Int32Array,
): void {
  const { now, replayed } = window;
  for (const [ordinal, track] of replayed) {
    const index = track.inHistory;
    const playsBefore = index < 0 ? 0 : (history?.plays[index] ?? 0);
    const lastBefore = index < 0 ? -1 : (history?.lastIndices[index] ?? -1);
    if (index >= 0) openGaps[gapBin(now - lastBefore)]--;
    const plays = playsBefore + track.starts;
    openGaps[gapBin(now - track.last)]++;
    const slot = slotOf[ordinal];
    if (slot < 0) continue;
    const gapsBefore = Math.max(0, playsBefore - 1);
    const spanBefore = gapsBefore === 0 ? 0 : columns.gapMean[slot] * gapsBefore;
    const first = lastBefore < 0 ? firstStart(window, ordinal, track.last) : lastBefore - spanBefore;
    columns.plays[slot] = plays;
    columns.last[slot] = track.last;
    columns.sessionStarts[slot] = track.starts;
    if (plays > 1) columns.gapMean[slot] = (track.last - first) / (plays - 1);
    if (track.gapMinimum < Infinity) {
      const before = columns.gapMinimum[slot];
      columns.gapMinimum[slot] = before === before ? Math.min(before, track.gapMinimum) : track.gapMinimum;
    }
  }
}

/** Position of the first start of a track within the window. */
function firstStart(window: PlayWindow, ordinal: number, otherwise: number): number {
  const index = window.ordinals.indexOf(ordinal);
  return index < 0 ? otherwise : window.now - window.count + index;
}

function addSession(columns: FeatureKernel, { listener }: FeatureInput, slotOf: Int32Array): void {
  const { count, ordinals, types, isNew } = listener.session;
  for (let i = 0; i < count; i++) {
    const ordinal = ordinals[i];
    const slot = ordinal < 0 ? -1 : slotOf[ordinal];
    if (slot < 0) continue;
    const type = types[i];
    if (type === EventCode.skip) {
      columns.sessionSkips[slot]++;
      columns.skips[slot] += isNew[i];
    } else if (type === EventCode.playCompleted) {
      columns.sessionCompletions[slot]++;
      columns.completions[slot] += isNew[i];
    }
  }
}

function addEndedGaps({ window, endedGaps }: PlayState): void {
  const base = window.now - window.count;
  for (let i = 0; i < window.count; i++) {
    const previous = window.previous[i];
    if (previous >= 0) endedGaps[gapBin(Math.round(base + i - previous))]++;
  }
}
