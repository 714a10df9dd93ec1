import fc from 'fast-check';
import { ATTRIBUTE_COUNT } from '../worlds/attributes.js';
import { CorruptRowError } from '../store/corrupt-row-error.js';
import type { History, ScoredList, Signals } from './listener.js';
import { decodeHistory, decodeListenerRow, decodePool, decodeSignals, type ListenerColumn } from './listener-row.js';
import { packHeard, packHistory, packPool, packSignals } from './pack-listener-row.js';

const bounds = { count: 5_000, artistCount: 900 };
const builtThroughMs = 1_763_000_000_123;

const float = fc.float({ noDefaultInfinity: true }).map(Math.fround);
const sizes = { minLength: 0, maxLength: 50 };

function floats(length: number): fc.Arbitrary<Float32Array> {
  return fc.array(float, { minLength: length, maxLength: length }).map((values) => Float32Array.from(values));
}

function counts(length: number, max = 0xffffffff): fc.Arbitrary<Uint32Array> {
  return fc
    .array(fc.integer({ min: 0, max }), { minLength: length, maxLength: length })
    .map((values) => Uint32Array.from(values));
}

const scoredList: fc.Arbitrary<ScoredList> = fc
  .nat({ max: sizes.maxLength })
  .chain((n) => fc.record({ name: fc.string(), ordinals: counts(n, bounds.count - 1), scores: floats(n) }));

const signalsOf: fc.Arbitrary<Signals> = fc.nat({ max: sizes.maxLength }).chain((n) =>
  fc.record({
    attributeMeans: floats(ATTRIBUTE_COUNT),
    attributeDeviations: floats(ATTRIBUTE_COUNT),
    artistOrdinals: counts(n, bounds.artistCount - 1),
    artistWeights: floats(n),
    plays: fc.nat(),
    completionRate: fc.constantFrom(NaN, 0, 0.25, 1),
    skipRate: fc.constantFrom(NaN, 0, 0.25, 1),
    market: fc.constantFrom('', 'DE', 'US'),
  }),
);

const historyOf: fc.Arbitrary<History> = fc.tuple(fc.nat({ max: 50 }), fc.nat({ max: 50 })).chain(([n, artists]) =>
  fc.record({
    ordinals: counts(n, bounds.count - 1),
    plays: counts(n),
    lastIndices: counts(n),
    lastAtMs: fc
      .array(fc.integer({ min: -(2 ** 52), max: 2 ** 52 }), { minLength: n, maxLength: n })
      .map((values) => Float64Array.from(values)),
    gapMeans: floats(n),
    gapMedians: floats(n),
    gapMinimums: floats(n),
    gapLasts: floats(n),
    skips: counts(n),
    completions: counts(n),
    totalPlays: fc.nat(),
    artistOrdinals: counts(artists, bounds.artistCount - 1),
    artistLastIndices: counts(artists),
    artistGapMeans: floats(artists),
  }),
);

/** The same bytes at every alignment, as a row inside a larger buffer has them. */
function shifted(bytes: Uint8Array, by: number): Uint8Array {
  const larger = new Uint8Array(bytes.length + by + 3);
  larger.set(bytes, by);
  return larger.subarray(by, by + bytes.length);
}

describe('listener row codec', () => {
  it('gives back every pool, at any alignment', () => {
    fc.assert(
      fc.property(fc.array(scoredList, { maxLength: 4 }), fc.nat({ max: 7 }), (lists, by) => {
        const built = decodePool(shifted(packPool(builtThroughMs, lists), by), bounds);
        expect(built).toEqual({ builtThroughMs, value: lists });
      }),
    );
  });

  it('gives back all signals', () => {
    fc.assert(
      fc.property(signalsOf, (signals) => {
        expect(decodeSignals(packSignals(builtThroughMs, signals), bounds).value).toEqual(signals);
      }),
    );
  });

  it('gives back every history', () => {
    fc.assert(
      fc.property(historyOf, fc.nat({ max: 7 }), (history, by) => {
        expect(decodeHistory(shifted(packHistory(builtThroughMs, history), by), bounds).value).toEqual(history);
      }),
    );
  });

  it('gives back what was heard', () => {
    const row = new Map([['heard', packHeard(builtThroughMs, ['a', 'b'])]]);
    const { heard } = decodeListenerRow(row, bounds);
    expect([heard?.has('a'), heard?.has('b'), heard?.has('c')]).toEqual([true, true, false]);
  });

  it('decodes what the row has', () => {
    const row = new Map([['pool', packPool(builtThroughMs, [])]]);
    expect(decodeListenerRow(row, bounds)).toEqual({
      builtThroughMs,
      pool: [],
      signals: undefined,
      history: undefined,
      heard: undefined,
    });
  });

  it('leaves out a corrupt column, says which, and serves the others', () => {
    const list = { name: 'taste', ordinals: Uint32Array.of(1), scores: Float32Array.of(1) };
    const row = new Map([
      ['pool', packPool(builtThroughMs, [{ ...list, ordinals: Uint32Array.of(bounds.count) }])],
      ['signals', Uint8Array.of(255, 255, 255)],
      ['heard', packHeard(builtThroughMs, ['a'])],
    ]);
    const corrupt: ListenerColumn[] = [];
    const decoded = decodeListenerRow(row, bounds, (column) => corrupt.push(column));
    expect(corrupt).toEqual(['pool', 'signals']);
    expect(decoded.heard?.has('a')).toBe(true);
    expect(decoded.pool).toEqual([]);
  });

  it('answers any bytes with a row or a CorruptRowError, and nothing else', () => {
    const valid = fc.oneof(
      fc.array(scoredList, { maxLength: 3 }).map((lists) => packPool(builtThroughMs, lists)),
      historyOf.map((history) => packHistory(builtThroughMs, history)),
      signalsOf.map((signals) => packSignals(builtThroughMs, signals)),
      fc.array(fc.string()).map((ids) => packHeard(builtThroughMs, ids)),
    );
    const damaged = fc
      .tuple(valid, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 5 }), fc.nat())
      .map(([bytes, changes, cut]) => {
        const copy = Uint8Array.from(bytes);
        for (const [at, value] of changes) if (copy.length > 0) copy[at % copy.length] = value;
        return copy.subarray(0, cut % 3 === 0 ? cut % (copy.length + 1) : copy.length);
      });
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        const errors: unknown[] = [];
        const row = new Map(['pool', 'signals', 'history', 'heard'].map((column) => [column, bytes]));
        const decoded = decodeListenerRow(row, bounds, (_, error) => errors.push(error));
        expect(errors.every((error) => error instanceof CorruptRowError)).toBe(true);
        for (const list of decoded.pool) expect(list.scores.length).toBe(list.ordinals.length);
        decoded.heard?.has('x');
      }),
      { numRuns: 1_000 },
    );
  });
});
