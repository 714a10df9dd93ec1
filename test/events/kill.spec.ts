/** `kill -9` under load: no acknowledged event is missing, none counts twice. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeSession } from '../../src/listeners/decode-session.js';
import { sessionRef } from '../../src/listeners/session-row.js';
import { openLmdbStore } from '../../src/store/lmdb/lmdb-store.js';
import { compiledSource } from '../compiled.js';
import { EventLoad } from './event-load.js';
import { RecordingProcess } from './recording-process.js';
import type { ClientEvent } from './service.js';
import { catalogue } from './service.js';

const KILLS = 20;
/** Events that were acknowledged before the last kill, and more. */
const ACKNOWLEDGED_MIN = 500;
const KILLS_OF_TWO = 4;

let compiled: string;
let directory: string;

beforeAll(async () => {
  compiled = await compiledSource();
});

afterAll(() => {
  rmSync(compiled, { recursive: true });
});

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'segue-kill-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

const start = (slot: number): Promise<RecordingProcess> => RecordingProcess.start(compiled, directory, slot);

/** Ids of all records of a slot. */
function logged(slot: number): string[] {
  const path = join(directory, 'events', String(slot));
  return readdirSync(path)
    .filter((name) => name.startsWith('events-'))
    .flatMap((name) => readFileSync(join(path, name), 'utf8').split('\n').slice(0, -1))
    .map((line) => {
      const { listenerId, eventId } = JSON.parse(line) as ClientEvent;
      return `${listenerId} ${eventId}`;
    });
}

async function expectSessionsOf(load: EventLoad, exactStarts: boolean): Promise<void> {
  const store = openLmdbStore({ dataDir: join(directory, 'rows') });
  for (const [listenerId, events] of load.byListener()) {
    const [row] = await store.read([sessionRef(listenerId)]);
    const { session, preferences, malformed } = decodeSession(row, undefined, catalogue, undefined);
    const starts = events.filter(({ type }) => type === 'play-started').length;
    const hidden = new Set(events.filter(({ type }) => type === 'hide').map(({ trackId }) => trackId));
    expect(malformed).toBe(0);
    expect(session.count).toBe(Math.min(256, events.length));
    expect(preferences.hiddenOrdinals.size).toBe(hidden.size);
    if (exactStarts) expect(session.playsSinceBuild).toBe(starts);
  }
  await store.close();
}

test(`${KILLS} times, with failing syncs in between`, async () => {
  const load = new EventLoad();
  let recovered = 0;
  for (let round = 0; round < KILLS; round++) {
    const service = await start(0);
    recovered += service.replayed.recovered;
    const before = load.acknowledgedEvents;
    const stop = load.run([service]);
    await sleep(40 + ((round * 37) % 120));
    // A slow machine takes longer to get as far.
    while (load.acknowledgedEvents <= before + ACKNOWLEDGED_MIN / KILLS) await sleep(5);
    if (round % 3 === 1) {
      service.failSyncs(1 + round);
      await sleep(30);
    }
    await service.kill();
    await stop();
  }
  const last = await start(0);
  await load.settle([last]);
  const resent = await load.resend(last);
  await last.kill();

  expect(load.acknowledgedEvents).toBe(load.size);
  expect(resent).toEqual({ accepted: 0, duplicates: load.size });
  const lines = logged(0);
  expect(new Set(lines).size).toBe(lines.length);
  expect(lines.toSorted()).toEqual(load.ids().toSorted());
  await expectSessionsOf(load, true);
  // Else the kills came when nothing was under way, and the test has shown nothing.
  expect(load.size).toBeGreaterThan(ACKNOWLEDGED_MIN);
  expect(recovered + load.repeatedAnswers).toBeGreaterThan(0);
}, 180_000);

test('of two processes in turn, with retries at the other', async () => {
  const load = new EventLoad();
  const services = [await start(0), await start(1)];
  for (let round = 0; round < KILLS_OF_TWO; round++) {
    const stop = load.run(services);
    await sleep(60 + round * 20);
    await services[round % 2]?.kill();
    await stop();
    services[round % 2] = await start(round % 2);
  }
  await load.settle(services);
  for (const service of services) expect(await load.resend(service)).toEqual({ accepted: 0, duplicates: load.size });
  for (const service of services) await service.kill();

  expect(new Set([...logged(0), ...logged(1)])).toEqual(new Set(load.ids()));
  for (const slot of [0, 1]) expect(new Set(logged(slot)).size).toBe(logged(slot).length);
  await expectSessionsOf(load, false);
}, 120_000);
