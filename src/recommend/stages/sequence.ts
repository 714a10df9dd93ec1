/**
 * sequence: the organic order a person hears. Greedy: at each position the best of the next few ranked tracks, by score less the
 * cost of the step from the track before. Artist spacing and caps are constraints, given up only when nothing else is left.
 */
import { SOURCE_BIT } from '../../features/candidates.js';
import { ATTRIBUTE } from '../../worlds/attributes.js';
import { energyStep, keyStep, soundOf, tempoStep, type Sound } from '../../worlds/transition.js';
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
  const placer = new Placer(input);
  const queues: readonly (Queue | undefined)[] = queuesOf(input).map(
    (indices) => new Queue(indices, (index) => placer.waiting(index)),
  );
  for (let k = 0; k < input.limit; k++) {
    const first = queues.length === 2 && (k + 1) % (input.policy.contextPerSuggestion + 1) === 0 ? 1 : 0;
    const queue = [queues[first], queues[1 - first]].find((each) => each?.at(0) !== undefined);
    if (queue === undefined) break;
    placer.placeFrom(queue);
  }
  return placer.slate();
}

/** What the slate holds of an artist so far. */
interface ArtistUse {
  placed: number;
  /** Position of the last one; -1 of what plays now. */
  last: number;
}

/** A ranked track that waits to be placed. */
interface Waiting {
  /** Into the ranked list. */
  readonly index: number;
  readonly sound: Sound;
  readonly score: number;
  readonly artist: ArtistUse;
}

/** Tracks that wait to be placed in their order, drawn from the ranked ones as far as they are looked at. */
class Queue {
  private readonly drawn: Waiting[] = [];

  constructor(
    private readonly indices: Iterator<number>,
    private readonly waiting: (index: number) => Waiting,
  ) {}

  at(position: number): Waiting | undefined {
    if (position === this.drawn.length) {
      const next = this.indices.next();
      if (next.done === true) return undefined;
      this.drawn.push(this.waiting(next.value));
    }
    return this.drawn[position];
  }

  remove(position: number): void {
    this.drawn.splice(position, 1);
  }
}

/** One queue in ranked order; or, for a playlist with suggestions, its own tracks shuffled and the suggestions. */
function queuesOf({ ranked, policy, contextLength, seed }: SequenceInput): Iterator<number>[] {
  if (policy.contextPerSuggestion === 0) return [organic(ranked, () => true)];
  const isOwn = (index: number): boolean => (ranked.sources[index] & SOURCE_BIT.context) !== 0;
  const own = Uint32Array.from(organic(ranked, isOwn));
  if (own.length === 0) return [organic(ranked, () => true)];
  const shuffled = weightedShuffle(own, ranked, seed).values();
  if (contextLength < policy.contextTracksMin) return [shuffled];
  return [shuffled, organic(ranked, (index) => !isOwn(index))];
}

/** Indices of what a source other than promotion named. */
function* organic({ sources }: RankedList, accepts: (index: number) => boolean): Generator<number, undefined> {
  for (let index = 0; index < sources.length; index++) {
    if ((sources[index] & ~SOURCE_BIT.promoted) !== 0 && accepts(index)) yield index;
  }
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
  private readonly artists = new Map<number, ArtistUse>();
  private readonly spread: number;
  private last: Sound | undefined;

  constructor(private readonly input: SequenceInput) {
    this.spread = spreadOf(input.ranked.scores);
    if (input.playing === undefined) return;
    this.last = soundOf(input.catalogue, input.playing);
    this.useOf(input.playing).last = -1;
  }

  waiting(index: number): Waiting {
    const { ordinals, scores } = this.input.ranked;
    const ordinal = ordinals[index];
    const sound = soundOf(this.input.catalogue, ordinal);
    return { index, sound, score: scores[index] / this.spread, artist: this.useOf(ordinal) };
  }

  /** Takes the best of the queue's next tracks out of it and places it. */
  placeFrom(queue: Queue): void {
    let chosen = 0;
    let best = -Infinity;
    for (let at = 0, looked = 0; looked < WINDOW; at++) {
      const track = queue.at(at);
      if (track === undefined) break;
      if (!this.mayFollow(track.artist)) continue;
      looked++;
      const value = track.score - this.costOf(track.sound);
      if (value > best) {
        best = value;
        chosen = at;
      }
    }
    const track = queue.at(chosen);
    if (track === undefined) return;
    queue.remove(chosen);
    this.place(track);
  }

  slate(): SequencedSlate {
    return { order: Uint32Array.from(this.order), costs: this.costs };
  }

  private place({ index, sound, artist }: Waiting): void {
    if (this.input.explain) this.costs.push(this.weighted(sound));
    artist.placed++;
    artist.last = this.order.length;
    this.order.push(index);
    this.last = sound;
  }

  private mayFollow({ placed, last }: ArtistUse): boolean {
    const { artistSlateMax, artistSpacing } = this.input.policy;
    return placed < artistSlateMax && this.order.length - last > artistSpacing;
  }

  /** Shared by the tracks of an artist; a track whose artist is not known shares with none. */
  private useOf(ordinal: number): ArtistUse {
    const artist = this.input.catalogue.floats[ordinal * RECORD_FLOATS + ATTRIBUTE.artist];
    let use = this.artists.get(artist);
    if (use === undefined) {
      use = { placed: 0, last: -Infinity };
      if (artist >= 0) this.artists.set(artist, use);
    }
    return use;
  }

  private costOf(sound: Sound): number {
    const { last } = this;
    if (last === undefined) return 0;
    const { tempo, key, energy } = this.input.weights;
    return tempo * tempoStep(last, sound) + key * keyStep(last, sound) + energy * energyStep(last, sound);
  }

  private weighted(sound: Sound): Record<string, number> {
    const { last } = this;
    if (last === undefined) return { tempo: 0, key: 0, energy: 0 };
    const { tempo, key, energy } = this.input.weights;
    return {
      tempo: tempo * tempoStep(last, sound),
      key: key * keyStep(last, sound),
      energy: energy * energyStep(last, sound),
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
