/**
 * Simple guesses to compare with. Each counts the plays as they pass, so that they know as much as the service does; tracks and
 * listeners are numbered in the order in which they are first seen.
 */
import { AT, QualityMeter, type Quality } from './metrics.js';

/** Plays that are left out of a listener's own popularity, to choose from. */
export const LEFT_OUT = [0, 100, 150, 200, 250, 300, 350] as const;
/** Songs that a sequential rule looks back. */
const RULE_SONGS = 10;

export interface Baseline {
  readonly name: string;
  /** The best guesses for the listener's next track, best first. */
  guesses(listener: number): Uint32Array;
  played(listener: number, track: number): void;
}

/** Indices of the highest counts above zero, at most AT; ties by index. `skip` are left out. */
export function topOf(counts: Float64Array, skip?: ReadonlySet<number>): Uint32Array {
  const best = new Uint32Array(AT);
  let taken = 0;
  for (let track = 0; track < counts.length; track++) {
    const count = counts[track] ?? 0;
    if (count <= 0 || (taken === AT && count <= (counts[best[AT - 1] ?? 0] ?? 0))) continue;
    if (skip?.has(track) === true) continue;
    let at = Math.min(taken, AT - 1);
    while (at > 0 && (counts[best[at - 1] ?? 0] ?? 0) < count) {
      best[at] = best[at - 1] ?? 0;
      at--;
    }
    best[at] = track;
    if (taken < AT) taken++;
  }
  return best.slice(0, taken);
}

export class OverallPopularity implements Baseline {
  readonly name = 'popularity';
  private readonly counts: Float64Array;
  private top: Uint32Array | undefined;

  constructor(tracks: number) {
    this.counts = new Float64Array(tracks);
  }

  guesses(): Uint32Array {
    this.top ??= topOf(this.counts);
    return this.top;
  }

  played(_listener: number, track: number): void {
    this.counts[track] = (this.counts[track] ?? 0) + 1;
    this.top = undefined;
  }
}

/** The listener's most played tracks without their last `leftOut` plays; of everybody's where those are too few. */
export class ListenerPopularity implements Baseline {
  readonly name: string;
  private readonly overall: OverallPopularity;
  private readonly counts = new Map<number, Map<number, number>>();
  private readonly lasts = new Map<number, number[]>();

  constructor(
    private readonly leftOut: number,
    tracks: number,
  ) {
    this.overall = new OverallPopularity(tracks);
    this.name = leftOut === 0 ? 'listener popularity' : `listener popularity without the last ${leftOut}`;
  }

  guesses(listener: number): Uint32Array {
    const last = new Set(this.lasts.get(listener));
    const own = [...(this.counts.get(listener) ?? [])].filter(([track]) => !last.has(track));
    const best = own.sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, AT);
    const guesses = best.map(([track]) => track);
    if (guesses.length === AT) return Uint32Array.from(guesses);
    for (const track of this.overall.guesses()) {
      if (guesses.length >= AT) break;
      if (!guesses.includes(track) && !last.has(track)) guesses.push(track);
    }
    return Uint32Array.from(guesses);
  }

  played(listener: number, track: number): void {
    this.overall.played(listener, track);
    let counts = this.counts.get(listener);
    if (counts === undefined) this.counts.set(listener, (counts = new Map<number, number>()));
    counts.set(track, (counts.get(track) ?? 0) + 1);
    if (this.leftOut === 0) return;
    let last = this.lasts.get(listener);
    if (last === undefined) this.lasts.set(listener, (last = []));
    last.push(track);
    if (last.length > this.leftOut) last.shift();
  }
}

/**
 * What followed each of the last songs within ten plays, each pair counting one over its distance, summed with the same weights
 * (sequential rules, Ludewig and Jannach 2018).
 */
export class SequentialRules implements Baseline {
  readonly name = 'sequential rules';
  private readonly followers = new Map<number, Map<number, number>>();
  private readonly lasts = new Map<number, number[]>();
  private readonly scores: Float64Array;

  constructor(tracks: number) {
    this.scores = new Float64Array(tracks);
  }

  guesses(listener: number): Uint32Array {
    const last = this.lasts.get(listener) ?? [];
    const { scores } = this;
    scores.fill(0);
    last.forEach((track, i) => {
      const weight = 1 / (last.length - i);
      for (const [follower, count] of this.followers.get(track) ?? []) {
        scores[follower] = (scores[follower] ?? 0) + weight * count;
      }
    });
    return topOf(scores);
  }

  played(listener: number, track: number): void {
    let last = this.lasts.get(listener);
    if (last === undefined) this.lasts.set(listener, (last = []));
    last.forEach((before, i) => {
      let followers = this.followers.get(before);
      if (followers === undefined) this.followers.set(before, (followers = new Map<number, number>()));
      followers.set(track, (followers.get(track) ?? 0) + 1 / (last.length - i));
    });
    last.push(track);
    if (last.length > RULE_SONGS) last.shift();
  }
}

/** One play by numbers. */
export interface NumberedPlay {
  readonly listener: number;
  readonly track: number;
}

/** Guesses before each play of `plays`, then counts it. */
export function measure(baseline: Baseline, before: readonly NumberedPlay[], plays: readonly NumberedPlay[]): Quality {
  for (const { listener, track } of before) baseline.played(listener, track);
  const meter = new QualityMeter();
  for (const { listener, track } of plays) {
    meter.add(baseline.guesses(listener).indexOf(track));
    baseline.played(listener, track);
  }
  return meter.quality();
}
