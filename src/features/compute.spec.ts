import fc from 'fast-check';
import { listenedState } from '../../test/fixtures/requests.js';
import { smallWorld } from '../../test/fixtures/small-world.js';
import { unknownListener } from '../listeners/unknown-listener.js';
import { EventCode, type History, type Listener } from '../listeners/listener.js';
import { filter } from '../recommend/stages/filter.js';
import { shortlist, type Shortlist } from '../recommend/stages/rank.js';
import { retrieve } from '../recommend/stages/retrieve.js';
import { plainFeatures, plainFirstPhase } from '../../test/fixtures/plain-features.js';
import { SURFACE } from '../recommend/surfaces.js';
import { ATTRIBUTE, ATTRIBUTE_COUNT } from '../worlds/attributes.js';
import { vectorMemory } from '../worlds/vector-memory.js';
import { CandidateSet, SOURCE_INDEX } from './candidates.js';
import { computeFeatures } from './compute.js';
import { gapBin } from './gap-bins.js';
import { kernelOf, KERNEL_WIDTH, SLOTS_MAX } from './kernel.js';
import { FEATURE_NAMES, FEATURES } from './registry.js';

const TRACKS = 80;
const tracks = Array.from({ length: TRACKS }, (_, i) => ({
  artist: i % 11,
  releaseYear: i % 9 === 0 ? NaN : 1960 + i,
  ...(i % 7 === 0 ? {} : { tempoBpm: 70 + i, key: i % 12, mode: i % 2, loudness: -i / 10, energy: (i % 10) / 10 }),
  ...(i % 5 === 0 ? {} : { onsetRate: i / 20, danceability: (i % 13) / 13 }),
  ...(i % 8 === 0 ? {} : { embedding: Array.from({ length: 64 }, (_number, k) => ((i * 31 + k * 17) % 255) - 127) }),
}));
const world = smallWorld(tracks);
/** The same, where the kernel needs no copies. */
const worldInPlace = smallWorld(tracks, 'g-test', (records) => {
  const memory = vectorMemory(records.length);
  memory.set(records);
  return memory;
});

interface Known {
  /** Tracks of the history, rising. */
  readonly played: readonly number[];
  /** Tracks started since. */
  readonly started: readonly number[];
  readonly recent: readonly number[];
  readonly neighbours: readonly number[];
  readonly skipped?: readonly number[];
  readonly taste?: readonly [mean: number, deviation: number];
}

const track = fc.nat({ max: TRACKS - 1 });
const known: fc.Arbitrary<Known> = fc.record({
  played: fc.uniqueArray(track, { maxLength: 40 }).map((list) => list.sort((a, b) => a - b)),
  started: fc.array(track, { maxLength: 20 }),
  recent: fc.array(track, { maxLength: 6 }),
  neighbours: fc.uniqueArray(track, { maxLength: 30 }),
  skipped: fc.array(track, { maxLength: 10 }),
  taste: fc.tuple(fc.integer({ min: -5, max: 70 }), fc.integer({ min: 0, max: 50 })),
});

function listenerOf({ played, started, skipped = [], taste }: Known): Listener {
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
  const events = [...started, ...skipped];
  const session = {
    ...nobody.session,
    count: events.length,
    types: Uint8Array.from(events, (_event, i) => (i < started.length ? EventCode.playStarted : EventCode.skip)),
    ordinals: Int32Array.from(events),
    isNew: new Uint8Array(events.length).fill(1),
    playsSinceBuild: started.length,
  };
  const signals = taste && {
    attributeMeans: new Float32Array(ATTRIBUTE_COUNT)
      .fill(taste[0])
      .fill(1950 + taste[0], ATTRIBUTE.releaseYear, ATTRIBUTE.releaseYear + 1),
    attributeDeviations: new Float32Array(ATTRIBUTE_COUNT).fill(taste[1]),
    artistOrdinals: Uint32Array.of(1, 3),
    artistWeights: Float32Array.of(0.25, 0.5),
    plays: count,
    completionRate: NaN,
    skipRate: NaN,
    market: '',
  };
  const row = { builtThroughMs: 0, pool: [], signals, history, heard: undefined };
  return { ...nobody, session, row };
}

function shortlistOf(given: Known, candidates: CandidateSet, of = world): Shortlist {
  const recentTrackIds = given.recent.map((ordinal) => `t${ordinal}`);
  const state = listenedState(of, { recentTrackIds }, listenerOf(given));
  const ordinals = Uint32Array.from(given.neighbours);
  const neighbours = [{ ordinals, scores: Float32Array.from(ordinals, (_, i) => 1 / (1 + i)) }];
  const retrieved = retrieve(state, { neighbours, context: undefined }, undefined, candidates);
  return shortlist(filter(retrieved), 50);
}

function matrixOf(given: Known, candidates: CandidateSet): number[] {
  const { frame, slots } = shortlistOf(given, candidates);
  return Array.from(computeFeatures(frame, slots, FEATURE_NAMES));
}

describe.each([
  ['copied records', world],
  ['records in place', worldInPlace],
])('the kernel with %s', (_name, of) => {
  it('gives each feature as its plain formula does', () => {
    fc.assert(
      fc.property(known, (given) => {
        const { frame, slots } = shortlistOf(given, new CandidateSet(), of);
        const matrix = computeFeatures(frame, slots, FEATURE_NAMES);
        slots.forEach((slot, row) => {
          const plain = plainFeatures(frame, slot, given.played.length + given.started.length);
          FEATURE_NAMES.forEach((name, i) => {
            if (name in plain) requireClose(name, matrix[row * FEATURE_NAMES.length + i], plain[name]);
          });
        });
      }),
      { numRuns: 15 },
    );
  });

  it('gives the first phase as its plain formula does', () => {
    fc.assert(
      fc.property(known, (given) => {
        const { frame, slots, scores } = shortlistOf(given, new CandidateSet(), of);
        slots.forEach((slot, i) => {
          const plain = plainFirstPhase(frame, slot, given.played.length + given.started.length);
          requireClose('first phase', scores[i], plain);
        });
      }),
    );
  });
});

/** Equal to the digits of a float32, or both missing. */
function requireClose(name: string, value: number, plain: number): void {
  if (Math.abs(value - plain) <= 1e-5 || (Number.isNaN(value) && Number.isNaN(plain))) return;
  throw new Error(`${name}: given ${value}, by its plain formula ${plain}`);
}

describe('the kernel', () => {
  it('finds the bin of every gap', () => {
    const now = 2_000;
    const gaps = Array.from({ length: now }, (_, i) => i + 1);
    const candidates = new CandidateSet().begin(now, { count: TRACKS * 100 });
    for (const gap of gaps) candidates.add(gap, SOURCE_INDEX.pool, 1, 0);
    const many = smallWorld(gaps.concat(0).map(() => ({})));
    const kernel = kernelOf(many.catalogue);
    kernel.begin(candidates, candidates.done(many.catalogue));
    kernel.setNow(now);
    kernel.plays.fill(1);
    kernel.hazardLn.forEach((_value, bin, bins) => (bins[bin] = bin));
    gaps.forEach((gap, slot) => (kernel.last[slot] = now - gap));
    const matrix = new Float32Array(now * FEATURE_NAMES.length);
    kernel.features(candidates, Uint32Array.from(gaps.keys()), matrix);
    const hazard = FEATURE_NAMES.indexOf('gap_hazard');
    const bins = gaps.map((_gap, row) => matrix[row * FEATURE_NAMES.length + hazard]);
    expect(bins).toEqual(gaps.map(gapBin));
  });

  it('refuses more candidates than it has room for', () => {
    const candidates = new CandidateSet();
    const many = smallWorld(Array.from({ length: SLOTS_MAX + 1 }, () => ({})));
    candidates.begin(SLOTS_MAX + 1, many.catalogue);
    for (let ordinal = 0; ordinal <= SLOTS_MAX; ordinal++) candidates.add(ordinal, SOURCE_INDEX.pool, 1, 0);
    expect(() => {
      kernelOf(many.catalogue).begin(candidates, candidates.done(many.catalogue));
    }).toThrow(`given ${SLOTS_MAX + 1} candidates; allowed: at most ${SLOTS_MAX}`);
  });

  it('has room for the candidates of every surface', () => {
    for (const { quotas } of Object.values(SURFACE)) {
      expect(Object.values(quotas).reduce((sum, quota) => sum + quota)).toBeLessThanOrEqual(SLOTS_MAX);
    }
  });

  it('does not give one request the features of another', () => {
    const given = { played: [1, 5, 9], started: [5, 7], recent: [7, 5], neighbours: [2, 3, 9] };
    const { frame, slots } = shortlistOf(given, new CandidateSet());
    shortlistOf({ ...given, played: [2] }, new CandidateSet());
    expect(() => computeFeatures(frame, slots, FEATURE_NAMES)).toThrow('was filled by another request');
  });

  it('has a column for every feature', () => {
    expect(FEATURES).toHaveLength(KERNEL_WIDTH);
  });
});

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
