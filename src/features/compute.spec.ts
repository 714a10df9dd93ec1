import fc from 'fast-check';
import { listenedState } from '../../test/fixtures/requests.js';
import { smallWorld } from '../../test/fixtures/small-world.js';
import { unknownListener } from '../listeners/unknown-listener.js';
import { EventCode, type History, type Listener } from '../listeners/listener.js';
import { filter } from '../recommend/stages/filter.js';
import { shortlist, type Shortlist } from '../recommend/stages/rank.js';
import { retrieve } from '../recommend/stages/retrieve.js';
import { CandidateSet } from './candidates.js';
import { computeFeatures } from './compute.js';
import { FEATURE_NAMES, FEATURES } from './registry.js';

const TRACKS = 80;
const world = smallWorld(
  Array.from({ length: TRACKS }, (_, i) => ({
    artist: i % 11,
    releaseYear: i % 9 === 0 ? NaN : 1960 + i,
    ...(i % 7 === 0 ? {} : { tempoBpm: 70 + i, key: i % 12, mode: i % 2, loudness: -i / 10, energy: (i % 10) / 10 }),
  })),
);

interface Known {
  /** Tracks of the history, rising. */
  readonly played: readonly number[];
  /** Tracks started since. */
  readonly started: readonly number[];
  readonly recent: readonly number[];
  readonly neighbours: readonly number[];
}

const track = fc.nat({ max: TRACKS - 1 });
const known: fc.Arbitrary<Known> = fc.record({
  played: fc.uniqueArray(track, { maxLength: 40 }).map((list) => list.sort((a, b) => a - b)),
  started: fc.array(track, { maxLength: 20 }),
  recent: fc.array(track, { maxLength: 6 }),
  neighbours: fc.uniqueArray(track, { maxLength: 30 }),
});

function listenerOf({ played, started }: Known): Listener {
  const nobody = unknownListener('anna');
  const count = played.length;
  const numbers = Uint32Array.from({ length: count }, (_, i) => i);
  const missing = new Float32Array(count).fill(NaN);
  const history: History = {
    ordinals: Uint32Array.from(played),
    plays: Uint32Array.from(played, (ordinal) => 1 + (ordinal % 3)),
    lastIndices: numbers,
    lastAtMs: Float64Array.from(numbers),
    gapMeans: Float32Array.from(played, (ordinal) => 2 + (ordinal % 5)),
    gapMedians: missing,
    gapMinimums: Float32Array.from(played, (ordinal) => 1 + (ordinal % 5)),
    gapLasts: missing,
    skips: Uint32Array.from(played, (ordinal) => ordinal % 2),
    completions: Uint32Array.from(played, (ordinal) => ordinal % 3),
    totalPlays: count,
    artistOrdinals: Uint32Array.of(0, 3, 5),
    artistLastIndices: Uint32Array.of(0, 0, 0),
    artistGapMeans: Float32Array.of(4, NaN, 2),
  };
  const session = {
    ...nobody.session,
    count: started.length,
    types: new Uint8Array(started.length).fill(EventCode.playStarted),
    ordinals: Int32Array.from(started),
    isNew: new Uint8Array(started.length).fill(1),
    playsSinceBuild: started.length,
  };
  const row = { builtThroughMs: 0, pool: [], signals: undefined, history, heard: undefined };
  return { ...nobody, session, row };
}

function shortlistOf(given: Known, candidates: CandidateSet): Shortlist {
  const recentTrackIds = given.recent.map((ordinal) => `t${ordinal}`);
  const state = listenedState(world, { recentTrackIds }, listenerOf(given));
  const ordinals = Uint32Array.from(given.neighbours);
  const neighbours = [{ ordinals, scores: Float32Array.from(ordinals, (_, i) => 1 / (1 + i)) }];
  const retrieved = retrieve(state, { neighbours, context: undefined }, undefined, candidates);
  return shortlist(filter(retrieved), 50);
}

function matrixOf(given: Known, candidates: CandidateSet): number[] {
  const { frame, slots } = shortlistOf(given, candidates);
  return Array.from(computeFeatures(frame, slots, FEATURE_NAMES));
}

describe('computeFeatures', () => {
  it('gives the same whatever an earlier request left in the working memory', () => {
    const used = new CandidateSet();
    fc.assert(
      fc.property(known, known, (before, now) => {
        matrixOf(before, used);
        expect(matrixOf(now, used)).toEqual(matrixOf(now, new CandidateSet()));
      }),
    );
  });

  it('keeps every feature that is not missing within its range', () => {
    fc.assert(
      fc.property(known, (given) => {
        const matrix = matrixOf(given, new CandidateSet());
        matrix.forEach((value, i) => {
          const { name, range } = FEATURES[i % FEATURES.length];
          const inRange = Number.isNaN(value) || (value >= range[0] - 1e-5 && value <= range[1] + 1e-5);
          if (!inRange) throw new Error(`${name}: ${value} is outside of ${range.join(' to ')}`);
        });
      }),
    );
  });

  it('gives the columns that are asked for, in the order in which they are', () => {
    const given = { played: [1, 5, 9], started: [5, 7], recent: [7, 5], neighbours: [2, 3, 9] };
    const asked = [...FEATURE_NAMES].reverse().slice(3, 20);
    const all = matrixOf(given, new CandidateSet());
    const { frame, slots } = shortlistOf(given, new CandidateSet());
    const chosen = Array.from(computeFeatures(frame, slots, asked));
    const expected = Array.from(slots).flatMap((_slot, row) =>
      asked.map((name) => all[row * FEATURE_NAMES.length + FEATURE_NAMES.indexOf(name)]),
    );
    expect(chosen).toEqual(expected);
  });

  it('refuses a name that is not in the registry', () => {
    const { frame, slots } = shortlistOf({ played: [], started: [], recent: [], neighbours: [] }, new CandidateSet());
    expect(() => computeFeatures(frame, slots, ['mood'])).toThrow('feature mood is not in the registry');
  });
});
