import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { EventType, PreferencesSchema, SessionEventSchema } from '../gen/segue/rows/v1/rows_pb.js';
import { decodeSession } from './decode-session.js';
import type { History } from './listener.js';
import { EventColumns } from './session-event-wire.js';
import { packStartMarks } from './start-marks.js';

const T0 = Date.UTC(2026, 10, 1);
const catalogue = {
  ordinalOf: (trackId: string) => (trackId.startsWith('t') ? Number(trackId.slice(1)) : -1),
  artistOrdinalOf: (artist: string) => (artist.startsWith('a') ? Number(artist.slice(1)) : -1),
};

interface Given {
  readonly id: string;
  readonly type: EventType;
  readonly track: string;
  readonly atMs: number;
  readonly number: number;
  readonly playNumber?: number;
}

function rowOf(
  events: readonly Given[],
  others: Iterable<readonly [string, Uint8Array]> = [],
): Map<string, Uint8Array> {
  const cells = events.map(
    (event) =>
      [
        `e:${event.id}`,
        toBinary(
          SessionEventSchema,
          create(SessionEventSchema, {
            type: event.type,
            trackId: event.track,
            occurredAtMs: BigInt(event.atMs),
            playNumber: event.playNumber ?? 0,
            number: event.number,
            sessionId: 's',
          }),
        ),
      ] as const,
  );
  return new Map([...cells, ...others]);
}

const start = (number: number, track: string, atMs: number, playNumber = number): Given => ({
  id: `id-${number}`,
  type: EventType.PLAY_STARTED,
  track,
  atMs,
  number,
  playNumber,
});

function historyOf(lastAt: Record<number, number>): History {
  const ordinals = Object.keys(lastAt).map(Number);
  const empty = { u: new Uint32Array(0), f: new Float32Array(0) };
  return {
    ordinals: Uint32Array.from(ordinals),
    lastAtMs: Float64Array.from(Object.values(lastAt)),
    plays: empty.u,
    lastIndices: empty.u,
    gapMeans: empty.f,
    gapMedians: empty.f,
    gapMinimums: empty.f,
    gapLasts: empty.f,
    skips: empty.u,
    completions: empty.u,
    totalPlays: 0,
    artistOrdinals: empty.u,
    artistLastIndices: empty.u,
    artistGapMeans: empty.f,
  };
}

test('no row is an empty session without preferences', () => {
  const { session, preferences } = decodeSession(undefined, undefined, catalogue, undefined);
  expect(session.count).toBe(0);
  expect(session.playsSinceBuild).toBe(0);
  expect(preferences.hiddenOrdinals.size).toBe(0);
});

test('reads every event as the generated code does', () => {
  const event = fc.record({
    type: fc.integer({ min: 1, max: 5 }),
    trackId: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((id) => id.isWellFormed()),
    occurredAtMs: fc.bigInt({ min: 0n, max: 9_007_199_254_740_991n }),
    playedMs: fc.option(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { nil: undefined }),
    playNumber: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    number: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    receivedAtMs: fc.bigInt({ min: 0n, max: 2n ** 53n }),
    sessionId: fc.string(),
    requestId: fc.string(),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 20 }), fc.boolean(), (events, shared) => {
      const cells = events.map(({ playedMs, ...rest }) =>
        toBinary(SessionEventSchema, create(SessionEventSchema, playedMs === undefined ? rest : { ...rest, playedMs })),
      );
      const whole = Buffer.concat(cells);
      let at = 0;
      const columns = new EventColumns();
      for (const cell of cells) {
        expect(columns.add(shared ? whole.subarray(at, at + cell.length) : cell)).toBe(true);
        at += cell.length;
      }
      cells.forEach((cell, i) => {
        const expected = fromBinary(SessionEventSchema, cell);
        expect(columns.trackIds[columns.tracks[i]]).toBe(expected.trackId);
        expect(columns.types[i]).toBe(expected.type);
        expect(columns.occurredAtMs[i]).toBe(Number(expected.occurredAtMs));
        expect(columns.playedMs[i]).toBe(Math.fround(expected.playedMs ?? NaN));
        expect(columns.playNumbers[i]).toBe(expected.playNumber);
        expect(columns.numbers[i]).toBe(expected.number);
      });
    }),
  );
});

test('cells that are no event are left out and counted, whatever their bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 30 }), (bytes) => {
      const row = new Map([...rowOf([start(1, 't1', T0)]), ['e:broken', bytes] as const]);
      const { session, malformed } = decodeSession(row, undefined, catalogue, undefined);
      expect(session.count + malformed).toBe(2);
    }),
  );
  const cut = rowOf([start(1, 't1', T0)])
    .get('e:id-1')!
    .subarray(0, 5);
  expect(decodeSession(new Map([['e:x', cut]]), undefined, catalogue, undefined).malformed).toBe(1);
});

test('orders by time, then by arrival, in whatever order the store returns columns', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ minute: fc.integer({ min: 0, max: 5 }), sort: fc.integer() }), { maxLength: 300 }),
      (drawn) => {
        const events = drawn.map(({ minute, sort }, i) => ({
          sort,
          given: start(i + 1, `t${i}`, T0 + minute * 60_000),
        }));
        const expected = events
          .map(({ given }) => given)
          .toSorted((a, b) => a.atMs - b.atMs || a.number - b.number)
          .slice(-256);
        const stored = events.toSorted((a, b) => a.sort - b.sort).map(({ given }) => given);
        const { session } = decodeSession(rowOf(stored), undefined, catalogue, undefined);
        expect([...session.ordinals]).toEqual(expected.map(({ track }) => Number(track.slice(1))));
      },
    ),
  );
});

test('an event the batch holds is not new', () => {
  const built = T0 + 100_000;
  const history = historyOf({ 1: T0 + 50_000, 2: T0 + 100_000 });
  const row = rowOf([
    start(1, 't1', T0 + 50_000), // the very play of the batch
    start(2, 't1', T0 + 60_000), // delivered late: after the last play of the track that the batch knows
    start(3, 't9', T0 + 70_000), // beyond the tracks the history holds
    start(4, 't2', T0 + 100_000),
    { id: 'id-5', type: EventType.PLAY_COMPLETED, track: 't2', atMs: T0 + 290_000, number: 5 }, // outcome of a covered start
    start(6, 't1', T0 + 300_000, 5),
    { id: 'id-7', type: EventType.SKIP, track: 't1', atMs: T0 + 310_000, number: 7 },
    start(8, 'gone', T0 + 320_000, 6),
  ]);
  const { session } = decodeSession(row, history, catalogue, built);
  expect([...session.isNew]).toEqual([0, 1, 0, 0, 0, 1, 1, 1]);
  expect(session.playsSinceBuild).toBe(3);
  expect(session.ordinals[7]).toBe(-1);
});

test('plays since the build are counted beyond 256 events', () => {
  const marks = Array.from({ length: 500 }, (_, i) => ({ second: T0 / 1_000 + i * 60, playNumber: i + 1 }));
  const events = Array.from({ length: 256 }, (_, i) => start(501 + i, `t${i}`, T0 + (500 + i) * 60_000));
  const row = rowOf(events, [['starts', packStartMarks(marks)]]);
  const since = (builtThroughMs: number | undefined): number =>
    decodeSession(row, undefined, catalogue, builtThroughMs).session.playsSinceBuild;
  expect(since(undefined)).toBe(756);
  expect(since(T0 - 1_000)).toBe(756);
  expect(since(T0 + 99 * 60_000)).toBe(656);
  expect(since(T0 + 499 * 60_000)).toBe(256);
  expect(since(T0 + 655 * 60_000 + 1)).toBe(100);
});

test('starts older than the oldest mark are estimated by the rate since', () => {
  const marks = Array.from({ length: 100 }, (_, i) => ({ second: T0 / 1_000 + i * 60, playNumber: 1_001 + i }));
  const row = rowOf([start(1_101, 't1', T0 + 100 * 60_000)], [['starts', packStartMarks(marks)]]);
  expect(decodeSession(row, undefined, catalogue, T0 - 600_000).session.playsSinceBuild).toBe(101 + 10);
  expect(decodeSession(row, undefined, catalogue, T0 - 600_000_000).session.playsSinceBuild).toBe(1_101);
});

test('preferences are the union of imported and hidden ones', () => {
  const imported = toBinary(
    PreferencesSchema,
    create(PreferencesSchema, { hiddenTrackIds: ['t1', 'gone'], blockedArtists: ['a7', 'gone'] }),
  );
  const row = new Map([
    ['preferences', imported],
    ['p:hide:t5', new Uint8Array([1])],
  ]);
  const { preferences } = decodeSession(row, undefined, catalogue, undefined);
  expect([...preferences.hiddenOrdinals].toSorted()).toEqual([1, 5]);
  expect([...preferences.blockedArtistOrdinals]).toEqual([7]);
});

test('the version changes with each event and each preference, and not with the order of columns', () => {
  const events = [start(1, 't1', T0), start(2, 't2', T0 + 1)];
  const versionOf = (row: Map<string, Uint8Array>): string =>
    decodeSession(row, undefined, catalogue, undefined).session.version;
  const hide = ['p:hide:t5', new Uint8Array([1])] as const;
  const versions = [
    versionOf(rowOf([])),
    versionOf(rowOf(events.slice(0, 1))),
    versionOf(rowOf(events)),
    versionOf(rowOf(events, [hide])),
    versionOf(rowOf(events, [hide, ['p:hide:t6', new Uint8Array([1])]])),
    versionOf(rowOf([...events.slice(0, 1), start(2, 't2', T0 + 2)])),
  ];
  expect(new Set(versions).size).toBe(versions.length);
  expect(versionOf(rowOf(events.toReversed()))).toBe(versions[2]);
});
