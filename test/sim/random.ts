/**
 * Seeded randomness. A stream is named by numbers (what it is for, which listener, which play), so that its draws do not
 * depend on what else was drawn before.
 */

/** Taken out once: where tests run, in VM contexts, each look-up of a global costs more than the function. */
const { PI, cos, floor, imul, log, sqrt } = Math;

/** What streams are for. Appended to only: a new number changes no old stream. */
export const STREAM = {
  artist: 1,
  track: 2,
  listener: 3,
  library: 4,
  playlists: 5,
  editorial: 6,
  pair: 7,
  session: 8,
  choice: 9,
  response: 10,
  market: 11,
  names: 12,
} as const;

const GOLDEN = 0x9e3779b9;

/** Finaliser of MurmurHash3 (Appleby, public domain). */
function finalise(hash: number): number {
  let h = hash;
  h = imul(h ^ (h >>> 16), 0x85ebca6b);
  h = imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Body of MurmurHash3_x86_32 over whole words. */
function hashWords(start: number, words: readonly number[]): number {
  let hash = start | 0;
  for (const word of words) {
    let k = imul(word | 0, 0xcc9e2d51);
    k = imul((k << 15) | (k >>> 17), 0x1b873593);
    hash ^= k;
    hash = (imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  return finalise(hash ^ (words.length * 4));
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** xoshiro128** 1.1 (Blackman and Vigna 2018, https://prng.di.unimi.it/xoshiro128starstar.c, public domain). */
export class Random {
  constructor(
    private s0: number,
    private s1: number,
    private s2: number,
    private s3: number,
  ) {}

  /** A whole number from 0 to 2^32 - 1. */
  next(): number {
    const result = imul(rotate(imul(this.s1, 5), 7), 9) >>> 0;
    const shifted = this.s1 << 9;
    this.s2 ^= this.s0;
    this.s3 ^= this.s1;
    this.s1 ^= this.s2;
    this.s0 ^= this.s3;
    this.s2 ^= shifted;
    this.s3 = rotate(this.s3, 11);
    return result;
  }

  /** Above 0 and below 1. */
  uniform(): number {
    return (this.next() + 0.5) / 4_294_967_296;
  }

  /** A whole number from 0 to `count - 1`; `count` at least 1. */
  below(count: number): number {
    return floor(this.uniform() * count);
  }

  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  /** Mean 0, deviation 1 (Box and Muller 1958). */
  normal(): number {
    return sqrt(-2 * log(this.uniform())) * cos(2 * PI * this.uniform());
  }

  exponential(mean: number): number {
    return -mean * log(this.uniform());
  }

  /** Standard Gumbel: the largest of `utility + gumbel` is a draw from the softmax of the utilities. */
  gumbel(): number {
    return -log(-log(this.uniform()));
  }
}

/** The stream of that name. */
export function streamOf(seed: number, ...name: readonly number[]): Random {
  const a = hashWords(seed, name);
  const b = hashWords(seed ^ GOLDEN, name);
  return new Random(a, b, finalise(a + GOLDEN), finalise(b + GOLDEN) | 1);
}

/** One number for a pair, mean 0 and deviation 1, bounded by 2.5 (a triangular draw); the same whenever it is asked for. */
export function pairEffect(seed: number, first: number, second: number): number {
  const hash = finalise(imul(first, 0x27d4eb2f) ^ finalise(imul(second, 0x165667b1) ^ (seed + STREAM.pair)));
  return ((hash & 0xffff) / 65_535 + (hash >>> 16) / 65_535 - 1) * sqrt(6);
}
