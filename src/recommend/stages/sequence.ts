/**
 * sequence: the organic order a person hears. Greedy: at each position the best of the next few ranked tracks, by score less the
 * cost of the step from the track before. Artist spacing and caps are constraints, given up only when nothing else is left.
 */
import { SOURCE_BIT } from '../../features/candidates.js';
import { ATTRIBUTE } from '../../worlds/attributes.js';
import { Transitions } from '../../worlds/transition.js';
import { RECORD_FLOATS, type Catalogue } from '../../worlds/world.js';
import type { VariantParameters } from '../../experiments/assign.js';
import { fallingOrder } from '../falling-order.js';
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
  const limit = Math.min(
    input.limit,
    queues.reduce((sum, queue) => sum + queue.left, 0),
  );
  for (let k = 0; k < limit; k++) {
    const first = queues.length === 2 && (k + 1) % (input.policy.contextPerSuggestion + 1) === 0 ? 1 : 0;
    placer.placeFrom(queues[first].left > 0 ? queues[first] : queues[1 - first]);
  }
  return placer.slate();
}

/** Ranked tracks that wait to be placed, by index into the ranked list. */
class Queue {
  left: number;
  private first = 0;
  private readonly taken: Uint8Array;

  constructor(readonly indices: Uint32Array) {
    this.left = indices.length;
    this.taken = new Uint8Array(indices.length);
  }

  /** Positions of the queue that still wait, from here on: the first one at or after `position`; its length when there is none. */
  waiting(position: number): number {
    let at = Math.max(position, this.first);
    while (at < this.indices.length && this.taken[at] === 1) at++;
    return at;
  }

  take(position: number): number {
    this.taken[position] = 1;
    this.left--;
    if (position === this.first) this.first = this.waiting(position);
    return this.indices[position];
  }
}

function isOrganic(ranked: RankedList, index: number): boolean {
  return (ranked.sources[index] & ~SOURCE_BIT.promoted) !== 0;
}

/** One queue in ranked order; or, for a playlist with suggestions, its own tracks shuffled and the suggestions. */
function queuesOf({ ranked, policy, contextLength, seed }: SequenceInput): Queue[] {
  const { length } = ranked.ordinals;
  const all = new Uint32Array(length);
  let count = 0;
  for (let i = 0; i < length; i++) if (isOrganic(ranked, i)) all[count++] = i;
  const organic = all.subarray(0, count);
  if (policy.contextPerSuggestion === 0) return [new Queue(organic)];
  const isOwn = (index: number): boolean => (ranked.sources[index] & SOURCE_BIT.context) !== 0;
  const own = organic.filter(isOwn);
  if (own.length === 0) return [new Queue(organic)];
  const shuffled = new Queue(weightedShuffle(own, ranked, seed));
  if (contextLength < policy.contextTracksMin) return [shuffled];
  return [shuffled, new Queue(organic.filter((index) => !isOwn(index)))];
}

/** Seeded shuffle that favours higher utilities: order by falling u^(1/w) (Efraimidis and Spirakis 2006), w from 0.5 to 1.5. */
function weightedShuffle(indices: Uint32Array, ranked: RankedList, seed: number): Uint32Array {
  const keys = Float32Array.from(indices, (index) => {
    const uniform = uniformOf(seed, ranked.ordinals[index]);
    return Math.log(uniform) / (0.5 + ranked.utilities[index]);
  });
  return fallingOrder(keys).map((i) => indices[i]);
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
  private readonly steps: Transitions;
  private last: number | undefined;

  constructor(private readonly input: SequenceInput) {
    this.last = input.playing;
    this.steps = new Transitions(input.catalogue);
    this.spread = spreadOf(input.ranked.scores);
    if (input.playing !== undefined) this.artistLast.set(this.artistOf(input.playing), -1);
  }

  /** Takes the best of the queue's next tracks out of it and places it. */
  placeFrom(queue: Queue): void {
    const { ordinals, scores } = this.input.ranked;
    const { indices } = queue;
    let chosen = -1;
    let best = -Infinity;
    let looked = 0;
    for (let at = queue.waiting(0); at < indices.length && looked < WINDOW; at = queue.waiting(at + 1)) {
      const index = indices[at];
      const ordinal = ordinals[index];
      if (!this.mayFollow(this.artistOf(ordinal))) continue;
      looked++;
      const value = scores[index] / this.spread - this.costOf(ordinal);
      if (value > best) {
        best = value;
        chosen = at;
      }
    }
    this.place(queue.take(chosen < 0 ? queue.waiting(0) : chosen));
  }

  slate(): SequencedSlate {
    return { order: Uint32Array.from(this.order), costs: this.costs };
  }

  private place(index: number): void {
    const ordinal = this.input.ranked.ordinals[index];
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
    return this.input.catalogue.floats[ordinal * RECORD_FLOATS + ATTRIBUTE.artist];
  }

  private costOf(ordinal: number): number {
    if (this.last === undefined) return 0;
    const { weights } = this.input;
    const { steps, last } = this;
    return (
      weights.tempo * steps.tempo(last, ordinal) +
      weights.key * steps.key(last, ordinal) +
      weights.energy * steps.energy(last, ordinal)
    );
  }

  private weighted(ordinal: number): Record<string, number> {
    if (this.last === undefined) return { tempo: 0, key: 0, energy: 0 };
    const { weights } = this.input;
    const { steps, last } = this;
    return {
      tempo: weights.tempo * steps.tempo(last, ordinal),
      key: weights.key * steps.key(last, ordinal),
      energy: weights.energy * steps.energy(last, ordinal),
    };
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
