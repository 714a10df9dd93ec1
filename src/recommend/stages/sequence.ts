/**
 * sequence: the organic order a person hears. Greedy: at each position the best of the next few ranked tracks, by score less the
 * cost of the step from the track before. Artist spacing and caps are constraints, given up only when nothing else is left.
 */
import { SOURCE_BIT } from '../../features/candidates.js';
import { ATTRIBUTE } from '../../worlds/attributes.js';
import { transition } from '../../worlds/transition.js';
import { RECORD_FLOATS, type Catalogue } from '../../worlds/world.js';
import type { VariantParameters } from '../../experiments/assign.js';
import type { RankedList, SequencedSlate } from '../state.js';
import type { SequencePolicy } from '../surfaces.js';

/** Ranked tracks looked at for one position. */
const WINDOW = 16;
/** Scores are compared in standard deviations of this many best ones. */
const SPREAD_OVER = 50;

export interface SequenceInput {
  readonly ranked: RankedList;
  readonly catalogue: Catalogue;
  readonly policy: SequencePolicy;
  readonly weights: VariantParameters['sequence'];
  /** What plays now; the first step is from it. */
  readonly playing: number | undefined;
  /** Positions to fill. */
  readonly limit: number;
  readonly seed: number;
  /** Length of the context being played. */
  readonly contextLength: number;
  readonly explain: boolean;
}

export function sequence(input: SequenceInput): SequencedSlate {
  const queues = queuesOf(input);
  const placer = new Placer(input);
  const limit = Math.min(input.limit, organicCount(input.ranked));
  for (let k = 0; k < limit; k++) {
    const first = queues.length === 2 && (k + 1) % (input.policy.contextPerSuggestion + 1) === 0 ? 1 : 0;
    const queue = queues[first]?.length ? queues[first] : queues.find((other) => other.length > 0);
    if (queue === undefined) break;
    placer.placeFrom(queue);
  }
  return placer.slate();
}

function isOrganic(ranked: RankedList, index: number): boolean {
  return ((ranked.sources[index] ?? 0) & ~SOURCE_BIT.promoted) !== 0;
}

function organicCount(ranked: RankedList): number {
  let count = 0;
  for (let i = 0; i < ranked.ordinals.length; i++) if (isOrganic(ranked, i)) count++;
  return count;
}

/** One queue in ranked order; or, for a playlist with suggestions, its own tracks shuffled and the suggestions. */
function queuesOf({ ranked, policy, contextLength, seed }: SequenceInput): number[][] {
  const organic: number[] = [];
  const own: number[] = [];
  for (let i = 0; i < ranked.ordinals.length; i++) {
    if (!isOrganic(ranked, i)) continue;
    if (((ranked.sources[i] ?? 0) & SOURCE_BIT.context) !== 0) own.push(i);
    else organic.push(i);
  }
  if (policy.contextPerSuggestion === 0 || own.length === 0) return [merge(own, organic)];
  const shuffled = weightedShuffle(own, ranked, seed);
  return contextLength < policy.contextTracksMin ? [shuffled] : [shuffled, organic];
}

function merge(own: number[], others: number[]): number[] {
  return own.length === 0 ? others : [...own, ...others].sort((a, b) => a - b);
}

/** Seeded shuffle that favours higher utilities: order by falling u^(1/w) (Efraimidis and Spirakis 2006), w from 0.5 to 1.5. */
function weightedShuffle(indices: readonly number[], ranked: RankedList, seed: number): number[] {
  const keys = new Map(
    indices.map((index) => {
      const uniform = uniformOf(seed, ranked.ordinals[index] ?? 0);
      return [index, Math.log(uniform) / (0.5 + (ranked.utilities[index] ?? 0))];
    }),
  );
  return [...indices].sort((a, b) => (keys.get(b) ?? 0) - (keys.get(a) ?? 0) || a - b);
}

/** A number in (0, 1) from two integers, by the finaliser of MurmurHash3. */
function uniformOf(seed: number, value: number): number {
  let h = Math.imul(seed ^ Math.imul(value + 1, 0x9e3779b1), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  h ^= h >>> 16;
  return ((h >>> 0) + 0.5) / 4_294_967_296;
}

/** Places one track after another. */
class Placer {
  private readonly order: number[] = [];
  private readonly costs: Record<string, number>[] = [];
  private readonly artistCounts = new Map<number, number>();
  private readonly artistLast = new Map<number, number>();
  private readonly spread: number;
  private last: number | undefined;

  constructor(private readonly input: SequenceInput) {
    this.last = input.playing;
    this.spread = spreadOf(input.ranked.scores);
    if (input.playing !== undefined) this.artistLast.set(this.artistOf(input.playing), -1);
  }

  /** Takes the best of the queue's next tracks out of it and places it. */
  placeFrom(queue: number[]): void {
    const { ranked } = this.input;
    let chosen = -1;
    let best = -Infinity;
    let looked = 0;
    for (let i = 0; i < queue.length && looked < WINDOW; i++) {
      const index = queue[i] ?? 0;
      const ordinal = ranked.ordinals[index] ?? 0;
      if (!this.mayFollow(this.artistOf(ordinal))) continue;
      looked++;
      const value = (ranked.scores[index] ?? 0) / this.spread - this.costOf(ordinal);
      if (value > best) {
        best = value;
        chosen = i;
      }
    }
    const at = chosen < 0 ? 0 : chosen;
    this.place(queue[at] ?? 0);
    queue.splice(at, 1);
  }

  slate(): SequencedSlate {
    return { order: Uint32Array.from(this.order), costs: this.costs };
  }

  private place(index: number): void {
    const ordinal = this.input.ranked.ordinals[index] ?? 0;
    if (this.input.explain) this.costs.push(this.weighted(ordinal));
    const artist = this.artistOf(ordinal);
    this.artistCounts.set(artist, (this.artistCounts.get(artist) ?? 0) + 1);
    this.artistLast.set(artist, this.order.length);
    this.order.push(index);
    this.last = ordinal;
  }

  private mayFollow(artist: number): boolean {
    const { artistSlateMax, artistSpacing } = this.input.policy;
    if ((this.artistCounts.get(artist) ?? 0) >= artistSlateMax) return false;
    const last = this.artistLast.get(artist);
    return last === undefined || this.order.length - last > artistSpacing;
  }

  private artistOf(ordinal: number): number {
    return this.input.catalogue.floats[ordinal * RECORD_FLOATS + ATTRIBUTE.artist] ?? NaN;
  }

  private costOf(ordinal: number): number {
    if (this.last === undefined) return 0;
    const { weights, catalogue } = this.input;
    const step = transition(catalogue.floats, this.last, ordinal);
    return weights.tempo * step.tempo + weights.key * step.key + weights.energy * step.energy;
  }

  private weighted(ordinal: number): Record<string, number> {
    if (this.last === undefined) return { tempo: 0, key: 0, energy: 0 };
    const { weights, catalogue } = this.input;
    const step = transition(catalogue.floats, this.last, ordinal);
    return { tempo: weights.tempo * step.tempo, key: weights.key * step.key, energy: weights.energy * step.energy };
  }
}

/** Standard deviation of the best scores; 1 where they do not differ. */
function spreadOf(scores: Float32Array): number {
  const count = Math.min(scores.length, SPREAD_OVER);
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < count; i++) {
    const score = scores[i] ?? 0;
    sum += score;
    squares += score * score;
  }
  const variance = count === 0 ? 0 : squares / count - (sum / count) ** 2;
  return variance > 1e-12 ? Math.sqrt(variance) : 1;
}
