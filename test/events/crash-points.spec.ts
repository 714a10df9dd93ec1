/** Every point at which recording can be cut off, as docs/events.md lists them. */
import type { Operation } from './faulty-files.js';
import { systemError } from './faulty-files.js';
import { Service, startOf } from './service.js';

let service: Service;

beforeEach(async () => {
  service = await Service.create();
});

afterEach(async () => {
  await service.remove();
});

const never = new Promise<never>(() => undefined);

/** Resolves when the recording has come to the point where it is held for ever. */
function holdAt(arm: (reached: () => Promise<never>) => void): Promise<void> {
  return new Promise((resolve) => {
    arm(() => {
      resolve();
      return never;
    });
  });
}

function holdFiles(operation: Operation): Promise<void> {
  return holdAt((reached) => {
    service.files.fault = (called, path) => (called === operation && path.includes('events-') ? reached() : undefined);
  });
}

function holdStore(when: 'before' | 'after', table: string): Promise<void> {
  return holdAt((reached) => {
    service.store.faults = {
      [when]: (operation: string, at: string) => (operation === 'mutate' && at === table ? reached() : undefined),
    };
  });
}

interface Aftermath {
  readonly recovered: number;
  readonly accepted: number;
  readonly duplicates: number;
}

/** Kills the service at the point, starts it again and sends the events once more. */
async function killedAt(point: Promise<void>, events: readonly unknown[]): Promise<Aftermath> {
  void service.record(events);
  await point;
  service.kill();
  const { recovered } = await service.start();
  const { accepted, duplicates } = await service.record(events);
  return { recovered, accepted, duplicates };
}

const batch = [startOf(1), startOf(2), startOf(3, 'ann', { type: 'save' })];

async function expectCountedOnce(): Promise<void> {
  expect(service.logged().toSorted()).toEqual(['e1', 'e2', 'e3']);
  const { session } = await service.session('ann');
  expect([...session.ordinals]).toEqual([1, 2, 3]);
  expect([...session.playNumbers]).toEqual([1, 2, 0]);
  expect(session.playsSinceBuild).toBe(2);
}

describe('killed', () => {
  test('before the write to the log: the retry is the first', async () => {
    expect(await killedAt(holdFiles('create'), batch)).toEqual({ recovered: 0, accepted: 3, duplicates: 0 });
    await expectCountedOnce();
  });

  test('when a segment was created but not written', async () => {
    expect(await killedAt(holdFiles('append'), batch)).toEqual({ recovered: 0, accepted: 3, duplicates: 0 });
    await expectCountedOnce();
  });

  test('between the write and its sync: what is whole in the log counts', async () => {
    expect(await killedAt(holdFiles('datasync'), batch)).toEqual({ recovered: 3, accepted: 0, duplicates: 3 });
    await expectCountedOnce();
  });

  test('between the log and the session', async () => {
    expect(await killedAt(holdStore('before', 'sessions'), batch)).toEqual({
      recovered: 3,
      accepted: 0,
      duplicates: 3,
    });
    await expectCountedOnce();
  });

  test('between the session and the acknowledgement', async () => {
    expect(await killedAt(holdStore('after', 'sessions'), batch)).toEqual({ recovered: 0, accepted: 0, duplicates: 3 });
    await expectCountedOnce();
  });

  test('in the middle of a replay: the next one completes it', async () => {
    void service.record(batch);
    await holdStore('before', 'sessions');
    service.kill();
    const interrupted = holdStore('after', 'sessions');
    void service.start();
    await interrupted;
    service.kill();
    expect(await service.start()).toEqual({ read: 3, recovered: 0, malformed: 0, failed: 0 });
    await expectCountedOnce();
  });
});

describe('with a full session, killed', () => {
  const first = Array.from({ length: 288 }, (_, i) => startOf(i));
  const next = [startOf(288), startOf(289), startOf(290)];
  const late = [startOf(-1, 'ann', { trackId: 't9' }), startOf(-2, 'ann', { type: 'hide', trackId: 't7' })];

  async function expectAllCounted(): Promise<void> {
    const all = [...first, ...next, ...late];
    expect(service.logged().toSorted()).toEqual(all.map(({ eventId }) => eventId).toSorted());
    const { session, preferences } = await service.session('ann');
    expect(session.count).toBe(256);
    expect([...session.ordinals]).toEqual(Array.from({ length: 256 }, (_, i) => i + 35));
    expect(session.playsSinceBuild).toBe(291);
    expect([...preferences.hiddenOrdinals]).toEqual([7]);
    for (const event of all) expect(await service.record([event])).toMatchObject({ accepted: 0, duplicates: 1 });
  }

  test.each([
    ['before leaving events are remembered', 'before', 'events'],
    ['when leaving events are remembered and still in the session', 'after', 'events'],
    ['when the session is written', 'after', 'sessions'],
  ] as const)('%s', async (_name, when, table) => {
    await service.record(first);
    await service.record(late);
    await killedAt(holdStore(when, table), next);
    await expectAllCounted();
  });

  test.each([
    ['before late events are obeyed', 'before', 'sessions'],
    ['when late events are obeyed and not remembered', 'before', 'events'],
    ['when late events are remembered', 'after', 'events'],
  ] as const)('%s', async (_name, when, table) => {
    await service.record(first);
    await service.record(next);
    await killedAt(holdStore(when, table), late);
    await expectAllCounted();
  });
});

describe('when the session cannot be written', () => {
  const fail = (): void => {
    service.store.faults = {
      before: (operation, table) => {
        if (operation === 'mutate' && table === 'sessions') throw systemError('EIO');
      },
    };
  };

  test('an event is not acknowledged; its retry is, and the log holds it once', async () => {
    fail();
    await expect(service.record(batch)).rejects.toMatchObject({ code: 'SEGUE_UNAVAILABLE', field: 'events' });
    await expect(service.record(batch)).rejects.toMatchObject({ code: 'SEGUE_UNAVAILABLE' });
    expect(service.pendingEvents).toBe(3);
    service.store.faults = {};
    expect(await service.record(batch)).toMatchObject({ accepted: 3, duplicates: 0 });
    expect(service.pendingEvents).toBe(0);
    await expectCountedOnce();
  });

  test('it gets there without a retry, too', async () => {
    fail();
    await expect(service.record(batch)).rejects.toThrow();
    expect(await service.settle()).toBe(3);
    service.store.faults = {};
    expect(await service.settle()).toBe(0);
    await expectCountedOnce();
  });

  test('and by the replay, when the process is stopped before', async () => {
    fail();
    await expect(service.record(batch)).rejects.toThrow();
    await service.stop();
    service.store.faults = {};
    expect(await service.start()).toMatchObject({ recovered: 3 });
    expect(await service.record(batch)).toMatchObject({ duplicates: 3 });
    await expectCountedOnce();
  });

  test('a write whose answer is lost counts once', async () => {
    service.store.faults = {
      after: () => {
        throw systemError('ETIMEDOUT');
      },
    };
    await expect(service.record(batch)).rejects.toMatchObject({ code: 'SEGUE_UNAVAILABLE' });
    service.store.faults = {};
    expect(await service.record(batch)).toMatchObject({ accepted: 0, duplicates: 3 });
    expect(service.pendingEvents).toBe(0);
    await expectCountedOnce();
  });

  test('events of other listeners are not held up, and each has its own answer', async () => {
    service.store.faults = {
      before: (operation) => {
        if (operation === 'mutate' && service.store.mutations === 1) throw systemError('EIO');
      },
    };
    const { accepted, rejected } = await service.record([startOf(1, 'ann'), startOf(1, 'bob')]);
    expect(accepted).toBe(1);
    expect(rejected).toMatchObject([{ code: 'SEGUE_UNAVAILABLE', field: '' }]);
  });
});

test.each(['append', 'datasync'] as const)(
  'when %s of the log fails nothing counts, and the retry counts once',
  async (failing) => {
    service.files.fault = (operation, path) => {
      if (operation === failing && path.includes('events-')) throw systemError('ENOSPC');
    };
    await expect(service.record(batch)).rejects.toMatchObject({ code: 'SEGUE_UNAVAILABLE' });
    expect((await service.session('ann')).session.count).toBe(0);
    expect(service.logged()).toEqual([]);
    service.files.fault = () => undefined;
    service.nowMs += 10_000;
    expect(await service.record(batch)).toMatchObject({ accepted: 3 });
    await expectCountedOnce();
  },
);

test('a clean stop leaves nothing to replay', async () => {
  await service.record(batch);
  await service.stop();
  expect(await service.start()).toEqual({ read: 0, recovered: 0, malformed: 0, failed: 0 });
});
