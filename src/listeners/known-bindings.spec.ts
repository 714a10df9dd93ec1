import { smallWorld, type SmallTrack } from '../../test/fixtures/small-world.js';
import { boundListener, KnownBindings, STARTS_MAX } from './known-bindings.js';
import { EventCode, type Listener } from './listener.js';
import type { EventTypeName, LiveEvent } from './live-event.js';
import { unknownListener } from './unknown-listener.js';

const TRACKS: SmallTrack[] = Array.from({ length: 40 }, (_, i) => ({ id: `t${i}`, artist: i % 7 }));
const { catalogue } = smallWorld(TRACKS);
/** The same tracks by other ordinals. */
const { catalogue: nextCatalogue } = smallWorld(TRACKS.toReversed(), 'g-next');

interface Row {
  readonly starts?: readonly (readonly [track: number, atMs: number])[];
  readonly hidden?: readonly number[];
  readonly blocked?: readonly number[];
  readonly version?: number;
}

/** Ann as a row told of her. */
function rowOf({ starts = [], hidden = [], blocked = [], version = 0 }: Row): Listener {
  const unknown = unknownListener('ann');
  return {
    ...unknown,
    session: {
      ...unknown.session,
      count: starts.length,
      types: new Uint8Array(starts.length).fill(EventCode.playStarted),
      ordinals: Int32Array.from(starts, ([track]) => track),
      occurredAtMs: Float64Array.from(starts, ([, atMs]) => atMs),
    },
    preferences: { hiddenOrdinals: new Set(hidden), blockedArtistOrdinals: new Set(blocked), version },
  };
}

function event(type: EventTypeName, track: number, occurredAtMs = 1_000): LiveEvent {
  return {
    eventId: `${type} ${track} ${occurredAtMs}`,
    type,
    listenerId: 'ann',
    trackId: `t${track}`,
    occurredAtMs,
    receivedAtMs: occurredAtMs,
  };
}

const startsOf = (known: KnownBindings): readonly string[] | undefined => known.of('ann')?.started;
const hiddenOf = (known: KnownBindings): string[] => [...(known.of('ann')?.hidden ?? [])].sort();

it('are what was read', () => {
  const known = new KnownBindings();
  known.learn(
    rowOf({
      starts: [
        [3, 10],
        [4, 20],
      ],
      hidden: [5, 6],
      blocked: [2],
      version: 1,
    }),
    catalogue,
  );
  expect(startsOf(known)).toEqual(['t4', 't3']);
  expect(hiddenOf(known)).toEqual(['t5', 't6']);
  expect(known.of('ann')?.blockedArtists).toEqual(['artist 2']);
});

it('are what was taken as an event, before any row is read', () => {
  const known = new KnownBindings();
  known.note('ann', [event('hide', 5), event('play-started', 7), event('skip', 8), event('save', 9)]);
  expect(hiddenOf(known)).toEqual(['t5']);
  expect(startsOf(known)).toEqual(['t7']);
});

it('are nothing for a listener who hid and heard nothing', () => {
  const known = new KnownBindings();
  known.learn(rowOf({}), catalogue);
  known.note('ann', [event('skip', 8)]);
  expect(known.of('ann')).toBeUndefined();
  expect(known.bytes).toBe(0);
});

it('stay as they are while nothing changes', () => {
  const known = new KnownBindings();
  const row: Row = { starts: [[3, 10]], hidden: [5], version: 1 };
  known.learn(rowOf(row), catalogue);
  const before = known.of('ann');
  known.learn(rowOf(row), catalogue);
  known.learn(rowOf({ ...row, hidden: [40 - 1 - 5], starts: [[40 - 1 - 3, 10]] }), nextCatalogue);
  known.note('ann', [event('hide', 5), event('play-started', 3, 10)]);
  expect(known.of('ann')).toBe(before);
});

it('keep what an event told beside a row that is older', () => {
  const known = new KnownBindings();
  known.note('ann', [event('hide', 5), event('play-started', 7, 100)]);
  known.learn(rowOf({ starts: [[3, 10]], hidden: [6], version: 1 }), catalogue);
  expect(hiddenOf(known)).toEqual(['t5', 't6']);
  expect(startsOf(known)?.[0]).toBe('t7');
});

it('follow the rows once those hold the event', () => {
  const known = new KnownBindings();
  known.note('ann', [event('hide', 5)]);
  known.learn(rowOf({ hidden: [5, 6], version: 1 }), catalogue);
  known.learn(rowOf({ hidden: [6], version: 2 }), catalogue);
  expect(hiddenOf(known)).toEqual(['t6']);
});

it('name the starts before an event as soon as a row does', () => {
  const known = new KnownBindings();
  known.note('ann', [event('play-started', 7, 100)]);
  known.learn(
    rowOf({
      starts: [
        [3, 10],
        [7, 100],
      ],
    }),
    catalogue,
  );
  expect(startsOf(known)).toEqual(['t7', 't3']);
});

it('add what was started since the row before', () => {
  const known = new KnownBindings();
  const starts = Array.from({ length: 12 }, (_, i) => [i, i] as const);
  for (const count of [1, 2, 4, 9]) known.learn(rowOf({ starts: starts.slice(0, count) }), catalogue);
  known.learn(rowOf({ starts }), catalogue);
  expect(startsOf(known)).toEqual(['t11', 't10', 't9', 't8', 't7', 't6', 't5', 't4']);
});

it('end with the latest start, whatever the order of events', () => {
  const known = new KnownBindings();
  known.note('ann', [event('play-started', 1, 300), event('play-started', 2, 200)]);
  known.note('ann', [event('play-started', 3, 300)]);
  expect(startsOf(known)?.[0]).toBe('t3');
});

it('hold so many starts and no more', () => {
  const known = new KnownBindings();
  for (let i = 0; i < 20; i++) known.note('ann', [event('play-started', i, i)]);
  expect(startsOf(known)).toHaveLength(STARTS_MAX);
  known.learn(rowOf({ starts: Array.from({ length: 30 }, (_, i) => [i, i] as const) }), catalogue);
  expect(startsOf(known)).toEqual(Array.from({ length: STARTS_MAX }, (_, i) => `t${29 - i}`));
});

it('hold over worlds', () => {
  const known = new KnownBindings();
  known.learn(rowOf({ starts: [[3, 10]], hidden: [5], blocked: [2], version: 1 }), catalogue);
  const { preferences, session } = boundListener('ann', known.of('ann'), nextCatalogue);
  expect([...preferences.hiddenOrdinals]).toEqual([nextCatalogue.ordinalOf('t5')]);
  expect([...preferences.blockedArtistOrdinals]).toEqual([nextCatalogue.artistOrdinalOf('artist 2')]);
  expect([...session.ordinals]).toEqual([nextCatalogue.ordinalOf('t3')]);
});

it('are forgotten of whoever was not heard of the longest, where there is no room', () => {
  const known = new KnownBindings(20_000);
  const listeners = Array.from({ length: 100 }, (_, i) => `l${i}`);
  for (const listener of listeners) known.note(listener, [event('play-started', 1)]);
  expect(known.bytes).toBeLessThanOrEqual(20_000);
  expect(known.of('l0')).toBeUndefined();
  expect(known.of('l99')?.started).toEqual(['t1']);
  expect(known.counts.evictions).toBeGreaterThan(50);
});
