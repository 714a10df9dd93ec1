/** What is replayed at a start besides the own tail. */
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { EventLogError } from '../../src/events/event-log.js';
import type { SegmentLog } from '../../src/events/segment-log.js';
import { openSegmentLog, slotsOf } from '../../src/events/segment-log.js';
import { EventRecorder } from '../../src/listeners/event-recorder.js';
import { recordOfEvent } from '../../src/listeners/live-event.js';
import { replay, replayOrphans } from '../../src/listeners/replay.js';
import { sweepRepeats } from '../../src/listeners/sweep-repeats.js';
import { StoreError } from '../../src/store/row-store.js';
import { Service, START_MS, startOf } from './service.js';

let service: Service;

beforeEach(async () => {
  service = await Service.create();
});

afterEach(async () => {
  await service.remove();
});

const open = (slot: number): Promise<SegmentLog> =>
  openSegmentLog({ directory: service.directory, slot, nowMs: () => service.nowMs });

function recorder(): EventRecorder {
  const log = { append: () => Promise.reject(new EventLogError('closed', 'nothing may be logged here')) };
  return new EventRecorder({ store: service.store, log, nowMs: () => service.nowMs });
}

/** A slot whose process died between the log and the session. */
async function deadSlot(slot: number, listenerId: string): Promise<void> {
  const log = await open(slot);
  const event = { eventId: 'e1', listenerId, trackId: 't1', occurredAtMs: START_MS, receivedAtMs: START_MS };
  await log.append('events', [recordOfEvent({ ...event, type: 'play-started' })]);
  await log.close();
}

test('slots of processes that are no more are replayed, others are left alone', async () => {
  for (const slot of [1, 2, 3]) await deadSlot(slot, `of-${slot}`);
  const living = await open(3);
  const orphans = (): ReturnType<typeof replayOrphans> =>
    slotsOf(service.directory).then((slots) =>
      replayOrphans(slots, 2, (slot) => open(slot).catch(() => undefined), recorder()),
    );
  expect(await orphans()).toEqual({ read: 1, recovered: 1, malformed: 0, failed: 0 });
  expect((await service.session('of-1')).session.count).toBe(0);
  expect((await service.session('of-2')).session.count).toBe(1);
  await living.close();
  expect(await orphans()).toMatchObject({ read: 1, recovered: 1 });
  expect(await orphans()).toMatchObject({ read: 0 });
});

test('a log copied from elsewhere counts each event once', async () => {
  await service.record([startOf(1), startOf(2)]);
  cpSync(join(service.directory, '0'), join(service.directory, '5'), { recursive: true });
  for (const name of ['lock', 'checkpoint.json']) rmSync(join(service.directory, '5', name), { force: true });
  const copy = await open(5);
  expect(await replay(copy, recorder())).toMatchObject({ read: 2, recovered: 0 });
  await copy.close();
  expect((await service.session('ann')).session.playsSinceBuild).toBe(2);
});

describe('when the store fails', () => {
  beforeEach(() => deadSlot(4, 'bob'));

  test('for a time, the tail stays for the next try', async () => {
    const log = await open(4);
    service.store.faults = {
      before: () => {
        throw new StoreError('unavailable', 'down');
      },
    };
    await expect(replay(log, recorder())).rejects.toMatchObject({ reason: 'unavailable' });
    service.store.faults = {};
    expect(await replay(log, recorder())).toMatchObject({ recovered: 1, failed: 0 });
    await log.close();
  });

  test('for good with one row, it is passed over', async () => {
    const log = await open(4);
    service.store.faults = {
      before: () => {
        throw new StoreError('error', 'stored row has format 9');
      },
    };
    expect(await replay(log, recorder())).toEqual({ read: 1, recovered: 0, malformed: 0, failed: 1 });
    await log.close();
  });
});

test('ids of events are swept when their day is over', async () => {
  for (let i = 0; i < 400; i += 100) await service.record(Array.from({ length: 100 }, (_, k) => startOf(i + k)));
  const remembered = await service.remembered('ann');
  expect(remembered).toBeGreaterThan(100);
  expect(await sweepRepeats(service.store, START_MS + 86_400_000)).toBe(0);
  expect(await sweepRepeats(service.store, START_MS + 2 * 86_400_000)).toBe(remembered);
  expect(await service.remembered('ann')).toBe(0);
});
