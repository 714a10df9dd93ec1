/** Recording through the handler of `Record`, on real stores. */
import { SegueError } from '../../src/errors.js';
import type { ClientEvent } from './service.js';
import { Service, START_MS, startOf } from './service.js';

let service: Service;

beforeEach(async () => {
  service = await Service.create();
});

afterEach(async () => {
  await service.remove();
});

const DAY_MS = 86_400_000;
const at = (ms: number): string => new Date(ms).toISOString();

describe('a batch', () => {
  test.each([
    ['nothing', undefined],
    ['a text', 'x'],
    ['no events', {}],
    ['events that are no list', { events: {} }],
    ['an empty list', { events: [] }],
    ['more than 500', { events: Array.from({ length: 501 }, (_, i) => startOf(i)) }],
  ])('of %s is refused as a whole', async (_name, batch) => {
    await expect(service.recordBatch(batch)).rejects.toMatchObject({ code: 'SEGUE_INVALID_ARGUMENT', field: 'events' });
    expect(service.logged()).toEqual([]);
  });

  test('of 500 is taken', async () => {
    const events = Array.from({ length: 500 }, (_, i) => startOf(i, `listener-${i % 7}`));
    expect(await service.record(events)).toEqual({ accepted: 500, duplicates: 0, rejected: [] });
    expect(service.logged()).toHaveLength(500);
  });
});

describe('a batch comes in pieces', () => {
  const events = Array.from({ length: 500 }, (_, i) => startOf(i, `listener-${i}`));

  test('with a turn for each', async () => {
    let turns = 0;
    service.inTurn = async (piece) => {
      turns++;
      return piece();
    };
    expect(await service.record(events)).toMatchObject({ accepted: 500 });
    // Ten to check them, then one for each listener.
    expect(turns).toBe(510);
  });

  test('of which those that get no turn are refused, and are taken when they are sent again', async () => {
    let turns = 0;
    service.inTurn = async (piece) => {
      if (++turns > 500) throw new Error('too many wait');
      return piece();
    };
    const { accepted, rejected } = await service.record(events);
    expect(accepted).toBe(490);
    expect(rejected.map(({ code }) => code)).toEqual(new Array(10).fill('SEGUE_OVERLOADED'));
    turns = 0;
    expect(await service.record(rejected.map(({ index }) => events[index]))).toMatchObject({ accepted: 10 });
  });

  test('none of which got a turn is refused as a whole', async () => {
    service.inTurn = () => Promise.reject(new SegueError('SEGUE_OVERLOADED', 'too many wait'));
    await expect(service.record(events)).rejects.toMatchObject({ code: 'SEGUE_OVERLOADED' });
    expect(service.logged()).toEqual([]);
  });
});

describe('an event', () => {
  const invalid = 'SEGUE_INVALID_ARGUMENT';
  const long = 'x'.repeat(65);
  test.each<[name: string, code: string, field: string, event: unknown]>([
    ['null', invalid, '', null],
    ['a number', invalid, '', 7],
    ['a list', invalid, '', []],
    ['without an id', invalid, 'eventId', { ...startOf(1), eventId: undefined }],
    ['with an empty id', invalid, 'eventId', { ...startOf(1), eventId: '' }],
    ['with an id of 65 bytes', invalid, 'eventId', { ...startOf(1), eventId: long }],
    ['with an id of 66 bytes in 22 characters', invalid, 'eventId', { ...startOf(1), eventId: '€'.repeat(22) }],
    ['with a control character', invalid, 'eventId', { ...startOf(1), eventId: 'a\u0000b' }],
    ['with a C1 control character', invalid, 'eventId', { ...startOf(1), eventId: 'a\u0085b' }],
    ['with a lone surrogate', invalid, 'eventId', { ...startOf(1), eventId: 'a\ud800' }],
    ['with a number as id', invalid, 'eventId', { ...startOf(1), eventId: 5 }],
    ['without a type', invalid, 'type', { ...startOf(1), type: undefined }],
    ['of an unknown type', invalid, 'type', { ...startOf(1), type: 'PLAY_STARTED' }],
    ['without a listener', invalid, 'listenerId', { ...startOf(1), listenerId: null }],
    ['with a long listener', invalid, 'listenerId', { ...startOf(1), listenerId: long }],
    ['without a track', invalid, 'trackId', { ...startOf(1), trackId: undefined }],
    ['of an unknown track', 'SEGUE_NOT_FOUND', 'trackId', { ...startOf(1), trackId: 'gone' }],
    ['with an empty session', invalid, 'sessionId', { ...startOf(1), sessionId: '' }],
    ['with a long request', invalid, 'requestId', { ...startOf(1), requestId: long }],
    ['with a negative time heard', invalid, 'playedMs', { ...startOf(1), playedMs: -1 }],
    ['with half a millisecond heard', invalid, 'playedMs', { ...startOf(1), playedMs: 0.5 }],
    ['with more than a day heard', invalid, 'playedMs', { ...startOf(1), playedMs: DAY_MS + 1 }],
    ['with a text heard', invalid, 'playedMs', { ...startOf(1), playedMs: '100' }],
    ['without a time', invalid, 'occurredAt', { ...startOf(1), occurredAt: undefined }],
    ['with a number as time', invalid, 'occurredAt', { ...startOf(1), occurredAt: START_MS }],
    ['with a date alone', invalid, 'occurredAt', { ...startOf(1), occurredAt: '2026-11-01' }],
    ['on a day that is not', invalid, 'occurredAt', { ...startOf(1), occurredAt: '2026-10-32T00:00:00Z' }],
    ['from the future', invalid, 'occurredAt', { ...startOf(1), occurredAt: at(START_MS + 300_001) }],
    ['over 30 days old', invalid, 'occurredAt', { ...startOf(1), occurredAt: at(START_MS - 30 * DAY_MS - 1) }],
  ])('%s is rejected, and its neighbours are not', async (_name, code, field, event) => {
    const { accepted, duplicates, rejected } = await service.record([startOf(10), event, startOf(11)]);
    expect({ accepted, duplicates }).toEqual({ accepted: 2, duplicates: 0 });
    expect(rejected).toMatchObject([{ index: 1, code, field }]);
    expect(rejected[0]?.message).toContain('given');
    expect(service.logged()).toEqual(['e10', 'e11']);
  });

  test.each<[name: string, change: Record<string, unknown>]>([
    ['five minutes ahead', { occurredAt: at(START_MS + 300_000) }],
    ['30 days old', { occurredAt: at(START_MS - 30 * DAY_MS) }],
    ['with an offset', { occurredAt: '2026-10-31T23:59:60.123456+05:30' }],
    ['in lower case', { occurredAt: '2026-10-31t10:00:00z' }],
    ['with ids of 64 bytes', { eventId: 'x'.repeat(64), listenerId: '€'.repeat(21) }],
    ['with fields nobody knows', { mood: 'blue', occurredAt: at(START_MS) }],
    ['with absent fields as null', { sessionId: null, playedMs: null, requestId: null }],
    ['heard for a day', { type: 'play-completed', playedMs: DAY_MS }],
  ])('%s is taken', async (_name, change) => {
    expect(await service.record([{ ...startOf(1), ...change }])).toEqual({ accepted: 1, duplicates: 0, rejected: [] });
  });
});

describe('a repeat counts once', () => {
  test('within a batch, between batches, at the same time, and after a restart', async () => {
    expect(await service.record([startOf(1), startOf(1)])).toMatchObject({ accepted: 1, duplicates: 1 });
    expect(await service.record([startOf(1)])).toMatchObject({ accepted: 0, duplicates: 1 });
    const answers = await Promise.all(Array.from({ length: 20 }, () => service.record([startOf(2)])));
    expect(answers.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(1);
    await service.stop();
    await service.start();
    expect(await service.record([startOf(1), startOf(2)])).toMatchObject({ accepted: 0, duplicates: 2 });
    expect(service.logged()).toEqual(['e1', 'e2']);
    expect((await service.session('ann')).session.playsSinceBuild).toBe(2);
  });

  test('for each listener', async () => {
    expect(await service.record([startOf(1, 'ann'), startOf(1, 'bob')])).toMatchObject({ accepted: 2, duplicates: 0 });
  });

  test('a day long also when it has left the session, and is forgotten after', async () => {
    for (let i = 0; i < 700; i += 100) await service.record(Array.from({ length: 100 }, (_, k) => startOf(i + k)));
    service.nowMs += DAY_MS;
    expect(await service.record([startOf(0), startOf(350), startOf(699)])).toMatchObject({ duplicates: 3 });
    expect(await service.remembered('ann')).toBeGreaterThan(400);
    service.nowMs += 2 * DAY_MS;
    await service.record(Array.from({ length: 100 }, (_, k) => startOf(700 + k)));
    for (let i = 800; i < 1_200; i += 100) await service.record(Array.from({ length: 100 }, (_, k) => startOf(i + k)));
    expect(await service.remembered('ann')).toBeLessThan(400);
    const { session } = await service.session('ann');
    expect(session.count).toBe(256);
    expect(session.playNumbers[255]).toBe(1_200);
    expect(session.playsSinceBuild).toBe(1_200);
  });

  test('also when two processes take it at once', async () => {
    const other = service.processBeside();
    await Promise.all([service.record([startOf(1), startOf(2)]), other.record([startOf(1), startOf(3)])]);
    const { session } = await service.session('ann');
    expect([...session.ordinals]).toEqual([1, 2, 3]);
    expect(await service.record([startOf(3)])).toMatchObject({ duplicates: 1 });
    await other.close();
  });
});

describe('the session', () => {
  test('has the event when the answer is there, with what it says', async () => {
    const events: ClientEvent[] = [
      startOf(1),
      startOf(1, 'ann', { eventId: 'x', type: 'skip', playedMs: 5_000, occurredAt: startOf(2).occurredAt }),
      startOf(3, 'ann', { type: 'hide' }),
    ];
    await service.record(events);
    const { session, preferences } = await service.session('ann');
    expect([...session.types]).toEqual([1, 3, 5]);
    expect([...session.playedMs]).toEqual([NaN, 5_000, NaN]);
    expect([...session.occurredAtMs]).toEqual(events.map(({ occurredAt }) => Date.parse(occurredAt)));
    expect([...preferences.hiddenOrdinals]).toEqual([3]);
  });

  test('is one write an event, also when it is full for days', async () => {
    for (let i = 0; i < 1_000; i += 50) {
      service.nowMs = Date.parse(startOf(i).occurredAt) + 3 * DAY_MS;
      await service.record(Array.from({ length: 50 }, (_, k) => startOf(i + k)));
      service.nowMs += 3 * DAY_MS;
    }
    const before = service.store.mutations;
    for (let i = 1_000; i < 1_100; i++) {
      service.nowMs += 3 * DAY_MS;
      await service.record([startOf(i, 'ann', { occurredAt: at(service.nowMs) })]);
    }
    expect(service.store.mutations - before).toBe(100);
  });

  test('counts all plays since the build, with every number of events in the row', async () => {
    for (let i = 0; i < 330; i++) {
      await service.record([startOf(i)]);
      expect((await service.session('ann')).session.playsSinceBuild).toBe(i + 1);
    }
    const builtThroughMs = Date.parse(startOf(29).occurredAt);
    expect((await service.session('ann', builtThroughMs)).session.playsSinceBuild).toBe(300);
  });

  test('of two processes has all of their events and preferences', async () => {
    const other = service.processBeside();
    const events = Array.from({ length: 60 }, (_, i) => startOf(i, 'ann', i % 10 === 0 ? { type: 'hide' } : {}));
    await Promise.all(events.map((event, i) => (i % 2 === 0 ? service : other).record([event])));
    const { session, preferences } = await service.session('ann');
    expect([...session.ordinals]).toEqual(Array.from({ length: 60 }, (_, i) => i));
    expect(preferences.hiddenOrdinals.size).toBe(6);
    await other.close();
  });

  test('holds 2,000 hidden tracks, and the next is refused', async () => {
    const hide = (i: number): ClientEvent => startOf(i, 'ann', { type: 'hide', occurredAt: at(START_MS - i) });
    for (let i = 0; i < 2_000; i += 500) await service.record(Array.from({ length: 500 }, (_, k) => hide(i + k)));
    const { accepted, rejected } = await service.record([hide(2_000), { ...hide(5), eventId: 'again' }]);
    expect(accepted).toBe(1);
    expect(rejected).toMatchObject([{ index: 0, code: 'SEGUE_TOO_LARGE', field: 'trackId' }]);
    expect((await service.session('ann')).preferences.hiddenOrdinals.size).toBe(2_000);
  });
});

describe('what binds without a read', () => {
  test('is known of every event that was taken, by a restart too', async () => {
    await service.record([startOf(1), startOf(2, 'ann', { type: 'hide' })]);
    expect(service.bindings.of('ann')).toMatchObject({ started: ['t1'], hidden: new Set(['t2']) });
    service.store.faults = {
      before: (operation) => {
        if (operation === 'mutate') throw new Error('the store is down');
      },
    };
    await expect(service.record([startOf(3)])).rejects.toMatchObject({ code: 'SEGUE_UNAVAILABLE' });
    expect(service.bindings.of('ann')?.started).toEqual(['t3', 't1']);
    service.kill();
    await service.start();
    expect(service.bindings.of('ann')?.started[0]).toBe('t3');
  });

  test('is known of an event that another process stored, once it is sent again', async () => {
    const other = service.processBeside();
    const hide = startOf(2, 'ann', { type: 'hide' });
    await other.record([hide]);
    expect(service.bindings.of('ann')).toBeUndefined();
    expect(await service.record([hide])).toMatchObject({ duplicates: 1 });
    expect(service.bindings.of('ann')?.hidden).toEqual(new Set(['t2']));
    await other.close();
  });

  test('is not what was refused', async () => {
    service.store.faults = {
      before: () => {
        throw new Error('the store is down');
      },
    };
    await expect(service.record([startOf(3)])).rejects.toMatchObject({ code: 'SEGUE_UNAVAILABLE' });
    expect(service.bindings.of('ann')).toBeUndefined();
  });
});
