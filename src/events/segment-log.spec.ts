import { DuckDBInstance } from '@duckdb/node-api';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FaultyFiles, systemError } from '../../test/events/faulty-files.js';
import type { SegmentLog, SegmentLogOptions } from './segment-log.js';
import { openSegmentLog, slotsOf } from './segment-log.js';
import { lockSlot } from './slot-lock.js';

let directory: string;
let logs: SegmentLog[] = [];
let nowMs = Date.UTC(2026, 10, 1);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'segue-log-'));
});

afterEach(async () => {
  await Promise.all(logs.map((log) => log.close()));
  logs = [];
  rmSync(directory, { recursive: true });
});

async function open(options: Partial<SegmentLogOptions> = {}): Promise<SegmentLog> {
  const log = await openSegmentLog({ directory, slot: 0, nowMs: () => nowMs, checkpointMs: 3_600_000, ...options });
  logs.push(log);
  return log;
}

/** Ends a log as a kill would: nothing more is written, and the lock's process is gone. */
async function crash(log: SegmentLog, checkpoint = readIfThere('checkpoint.json')): Promise<void> {
  await log.close();
  logs = logs.filter((other) => other !== log);
  rmSync(join(directory, '0', 'checkpoint.json'), { force: true });
  if (checkpoint !== undefined) writeFileSync(join(directory, '0', 'checkpoint.json'), checkpoint);
}

function readIfThere(name: string): string | undefined {
  try {
    return readFileSync(join(directory, '0', name), 'utf8');
  } catch {
    return undefined;
  }
}

const names = (stream = 'events'): string[] =>
  readdirSync(join(directory, '0'))
    .filter((name) => name.startsWith(`${stream}-`))
    .sort();

function recordsOf(stream = 'events'): { id: number; n?: number }[] {
  return names(stream)
    .flatMap((name) =>
      readFileSync(join(directory, '0', name), 'utf8')
        .split('\n')
        .slice(0, -1),
    )
    .map((line) => JSON.parse(line) as { id: number; n?: number });
}

const ids = (stream?: string): number[] => recordsOf(stream).map(({ id }) => id);

async function tailIds(log: SegmentLog): Promise<number[]> {
  const found: number[] = [];
  for await (const record of log.tail()) found.push((record as { id: number }).id);
  return found;
}

describe('group commit', () => {
  test('records that wait share one write and one sync', async () => {
    const files = new FaultyFiles();
    const log = await open({ files });
    await Promise.all(Array.from({ length: 100 }, (_, id) => log.append('events', [{ id }])));
    expect(files.calls.filter((call) => call.startsWith('datasync'))).toHaveLength(1);
    expect(ids()).toEqual(Array.from({ length: 100 }, (_, id) => id));
  });

  test('the next group forms while one is being written', async () => {
    const files = new FaultyFiles();
    const log = await open({ files });
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    files.fault = (operation) => (operation === 'datasync' ? held : undefined);
    const first = log.append('events', [{ id: 1 }]);
    while (!files.calls.some((call) => call.startsWith('datasync'))) await new Promise(setImmediate);
    const rest = [2, 3, 4].map((id) => log.append('events', [{ id }]));
    release();
    await Promise.all([first, ...rest]);
    expect(files.calls.filter((call) => call.startsWith('datasync'))).toHaveLength(2);
  });

  test('nothing is acknowledged before its sync', async () => {
    const files = new FaultyFiles();
    const log = await open({ files });
    let synced = false;
    files.fault = async (operation) => {
      if (operation !== 'datasync') return;
      await new Promise(setImmediate);
      synced = true;
    };
    await log.append('events', [{ id: 1 }]);
    expect(synced).toBe(true);
  });

  test('a new segment and the name of its file are durable before the first acknowledgement', async () => {
    const files = new FaultyFiles();
    const log = await open({ files });
    files.calls.length = 0;
    await log.append('events', [{ id: 1 }]);
    expect(files.calls).toEqual([
      'create events-00000001.jsonl',
      'syncDirectory 0',
      'append events-00000001.jsonl',
      'datasync events-00000001.jsonl',
    ]);
  });

  test('what does not fit into the queue is refused as overload, by records and by bytes', async () => {
    const log = await open({ queueRecordsMax: 3, queueBytesMax: 1_000 });
    const records = (count: number): object[] => Array.from({ length: count }, (_, id) => ({ id }));
    const taken = log.append('events', records(3));
    await expect(log.append('events', records(1))).rejects.toMatchObject({ reason: 'overloaded' });
    await taken;
    await expect(log.append('events', [{ text: 'x'.repeat(1_000) }])).rejects.toMatchObject({ reason: 'overloaded' });
    await log.append('events', records(3));
    expect(ids()).toHaveLength(6);
  });
});

describe('rotation', () => {
  test('by size and by age', async () => {
    const log = await open({ segmentBytesMax: 20, segmentAgeMaxMs: 1_000 });
    await log.append('events', [{ id: 1 }]);
    await log.append('events', [{ id: 2 }, { id: 3 }]);
    await log.append('events', [{ id: 4 }]);
    nowMs += 1_001;
    await log.append('events', [{ id: 5 }]);
    expect(names()).toHaveLength(3);
    expect(ids()).toEqual([1, 2, 3, 4, 5]);
  });

  test('the oldest exposures go when there is no room for them, events never do', async () => {
    const log = await open({ segmentBytesMax: 200, exposuresBytesMax: 600, exposureFlushMs: 1 });
    for (let id = 0; id < 50; id++) {
      await log.append('events', [{ id }]);
      expect(log.offer({ id })).toBe(true);
      while (log.writtenExposures <= id) await new Promise(setImmediate);
    }
    expect(ids()).toHaveLength(50);
    const bytes = names('exposures').reduce((sum, name) => sum + (readIfThere(name)?.length ?? 0), 0);
    expect(bytes).toBeLessThanOrEqual(700);
    expect(ids('exposures').at(-1)).toBe(49);
  });
});

describe.each(['append', 'datasync'] as const)('when %s fails', (operation) => {
  test.each(['ENOSPC', 'EIO'])(
    'with %s none of the group counts, and the segment is not written again',
    async (code) => {
      const files = new FaultyFiles();
      const failures: string[] = [];
      const log = await open({ files, observer: { failed: (records, cause) => failures.push(`${records} ${cause}`) } });
      await log.append('events', [{ id: 1 }]);
      files.fault = (called, path) => {
        if (called === operation && path.includes('events-')) throw systemError(code);
      };
      const group = [log.append('events', [{ id: 2 }, { id: 3 }]), log.append('events', [{ id: 4 }])];
      for (const result of await Promise.allSettled(group)) expect(result.status).toBe('rejected');
      expect(failures).toEqual([`3 ${code}`]);
      expect(ids()).toEqual([1]);

      files.fault = () => undefined;
      await expect(log.append('events', [{ id: 5 }])).rejects.toMatchObject({ reason: 'unavailable' });
      nowMs += 5_000;
      await log.append('events', [{ id: 6 }]);
      expect(ids()).toEqual([1, 6]);
      expect(names()).toEqual(['events-00000001.jsonl', 'events-00000002.jsonl']);
      expect(files.calls.filter((call) => call === 'datasync events-00000001.jsonl').length).toBeLessThanOrEqual(2);
    },
  );

  test('refused records that a power cut brings back are cut off at the next start', async () => {
    const files = new FaultyFiles();
    const log = await open({ files });
    await log.append('events', [{ id: 1 }]);
    files.fault = (called) => {
      if (called === operation) throw systemError('EIO');
    };
    await expect(log.append('events', [{ id: 2 }])).rejects.toThrow();
    files.fault = () => undefined;
    nowMs += 5_000;
    await log.append('events', [{ id: 3 }]);
    await crash(log);
    appendFileSync(join(directory, '0', 'events-00000001.jsonl'), '{"id":2}\n');
    expect(await tailIds(await open())).toEqual([1, 3]);
    expect(ids()).toEqual([1, 3]);
  });
});

test('the disk is tried again ever more rarely, once for all that waits', async () => {
  const files = new FaultyFiles();
  const log = await open({ files, retryMinMs: 100, retryMaxMs: 1_000 });
  let tries = 0;
  files.fault = (operation) => {
    if (operation !== 'create') return;
    tries++;
    throw systemError('ENOSPC');
  };
  for (let ms = 0; ms < 10_000; ms += 50) {
    const waiting = [1, 2, 3].map((id) => log.append('events', [{ id }]));
    for (const result of await Promise.allSettled(waiting)) expect(result.status).toBe('rejected');
    nowMs += 50;
  }
  expect(tries).toBeGreaterThanOrEqual(10);
  expect(tries).toBeLessThanOrEqual(14);
  files.fault = () => undefined;
  nowMs += 1_000;
  await log.append('events', [{ id: 9 }]);
  expect(ids()).toEqual([9]);
});

test('while the refused tail cannot be cut off, nothing more is taken', async () => {
  const files = new FaultyFiles();
  const log = await open({ files });
  await log.append('events', [{ id: 1 }]);
  files.fault = (operation) => {
    if (operation === 'datasync' || operation === 'truncate') throw systemError('EIO');
  };
  await expect(log.append('events', [{ id: 2 }])).rejects.toThrow();
  files.fault = (operation) => {
    if (operation === 'truncate') throw systemError('EIO');
  };
  nowMs += 5_000;
  await expect(log.append('events', [{ id: 3 }])).rejects.toThrow();
  files.fault = () => undefined;
  nowMs += 5_000;
  await log.append('events', [{ id: 4 }]);
  expect(ids()).toEqual([1, 4]);
});

describe('after a crash', () => {
  test.each([
    ['half a line', '{"id":9'],
    ['zeros', '\0\0\0\0\0\0'],
    ['zeros and a newline', '\0\0\0\n\0'],
    ['garbage lines', 'x\ny\n{'],
  ])('%s at the end is cut off', async (_name, torn) => {
    const log = await open();
    await log.append('events', [{ id: 1 }, { id: 2 }]);
    await crash(log);
    appendFileSync(join(directory, '0', 'events-00000001.jsonl'), torn);
    const next = await open();
    await next.append('events', [{ id: 3 }]);
    expect(await tailIds(next)).toEqual([1, 2]);
    expect(ids()).toEqual([1, 2, 3]);
  });

  test('a bad line with good ones behind it stays, is passed over and told', async () => {
    const log = await open();
    await log.append('events', [{ id: 1 }]);
    await crash(log);
    appendFileSync(join(directory, '0', 'events-00000001.jsonl'), 'rotten\n{"id":2}\n');
    let malformed = 0;
    const next = await open({ observer: { malformed: () => malformed++ } });
    expect(await tailIds(next)).toEqual([1, 2]);
    expect(malformed).toBe(1);
  });

  test('the tail begins at the oldest record that was not settled', async () => {
    const log = await open({ segmentBytesMax: 20 });
    const appended = [];
    for (let id = 1; id <= 6; id++) appended.push(await log.append('events', [{ id }]));
    log.settleTail();
    for (const i of [0, 1, 3, 5]) appended[i]?.settle();
    await log.close();
    logs = [];
    expect(await tailIds(await open())).toEqual([3, 4, 5, 6]);
  });

  test('an unread tail is read again by the next process', async () => {
    const first = await open();
    await first.append('events', [{ id: 1 }]);
    await crash(first);
    const second = await open();
    const { settle } = await second.append('events', [{ id: 2 }]);
    settle();
    await second.close();
    logs = [];
    const third = await open();
    expect(await tailIds(third)).toEqual([1, 2]);
    third.settleTail();
    await third.close();
    logs = [];
    expect(await tailIds(await open())).toEqual([]);
  });

  test('the checkpoint trails one interval behind what is settled', async () => {
    const log = await open({ checkpointMs: 5 });
    log.settleTail();
    const { settle } = await log.append('events', [{ id: 1 }]);
    settle();
    // A slow disk lets the first interval pass before the append: then the start of the segment is written first.
    const settled = JSON.stringify({ segment: 1, offset: 9 });
    while (readIfThere('checkpoint.json') !== settled) await new Promise((resolve) => setTimeout(resolve, 1));
    await crash(log, settled);
    expect(await tailIds(await open())).toEqual([]);
  });
});

describe('the slot', () => {
  test('has one writer', async () => {
    const log = await open();
    await expect(open()).rejects.toMatchObject({ reason: 'locked' });
    await open({ slot: 1 });
    await log.close();
    await open();
    expect(await slotsOf(directory)).toEqual([0, 1]);
  });

  test.each([
    ['of a process that is gone', JSON.stringify({ pid: 2 ** 22 + 1, start: 'x:1' })],
    ['of a pid that was given out again', JSON.stringify({ pid: process.pid, start: 'x:1' })],
    ['that is no lock', 'x'],
  ])('a lock %s is broken', async (_name, lock) => {
    await (await open()).close();
    logs = [];
    writeFileSync(join(directory, '0', 'lock'), lock);
    await open();
  });

  test('of many that break a lock one gets it, each time', async () => {
    await (await open()).close();
    logs = [];
    for (let round = 0; round < 50; round++) {
      writeFileSync(join(directory, '0', 'lock'), JSON.stringify({ pid: 2 ** 22 + 1, start: 'x:1' }));
      const results = await Promise.allSettled(Array.from({ length: 6 }, () => lockSlot(join(directory, '0'))));
      const locks = results.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
      expect(locks).toHaveLength(1);
      await locks[0]?.release();
    }
    expect(readdirSync(join(directory, '0')).filter((name) => name.startsWith('lock'))).toEqual([]);
  });
});

describe('exposures', () => {
  test('that do not fit are dropped, counted, and leave a gap', async () => {
    const log = await open({ queueBytesMax: 400 });
    const taken = Array.from({ length: 20 }, (_, id) => log.offer({ id, text: 'x'.repeat(60) }));
    expect(taken.filter((each) => !each)).toHaveLength(log.droppedExposures);
    expect(log.droppedExposures).toBeGreaterThan(0);
    while (log.writtenExposures + log.droppedExposures < 20) await new Promise(setImmediate);
    expect(log.offer({ id: 20 })).toBe(true);
    await log.close();
    logs = [];
    const numbers = recordsOf('exposures').map(({ n }) => n);
    expect(numbers.at(-1)).toBe(21);
    expect(numbers).toHaveLength(21 - log.droppedExposures);
  });

  test('never wait for a failing disk, nor make events wait', async () => {
    const files = new FaultyFiles();
    const log = await open({ files, exposureFlushMs: 1 });
    files.fault = (operation, path) => {
      if (operation === 'append' && path.includes('exposures-')) throw systemError('ENOSPC');
    };
    expect(log.offer({ id: 1 })).toBe(true);
    while (log.droppedExposures === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(log.offer({ id: 2 })).toBe(false);
    await log.append('events', [{ id: 3 }]);
    files.fault = () => undefined;
    nowMs += 5_000;
    expect(log.offer({ id: 4 })).toBe(true);
    await log.close();
    logs = [];
    expect(ids('exposures')).toEqual([4]);
    expect(log.droppedExposures).toBe(2);
  });
});

test('DuckDB reads both streams as tables', async () => {
  const log = await open({ segmentBytesMax: 100 });
  const texts = ['plain', 'new\nline', '"quoted"', 'Ünïcode 🎵', '\u2028'];
  for (const [id, text] of texts.entries())
    await log.append('events', [{ id, text, ...(id > 2 ? { extra: 1.5 } : {}) }]);
  log.offer({ id: 1, items: [{ trackId: 't', score: 0.5 }] });
  await log.close();
  logs = [];
  // As a kill leaves it that comes before the first record.
  writeFileSync(join(directory, '0', 'events-00000099.jsonl'), '');
  const connection = await (await DuckDBInstance.create()).connect();
  const query = async (sql: string): Promise<unknown[]> => (await connection.runAndReadAll(sql)).getRowObjectsJson();
  expect(
    await query(`SELECT text FROM read_json_auto('${directory}/*/events-*.jsonl', union_by_name => true) ORDER BY id`),
  ).toEqual(texts.map((text) => ({ text })));
  expect(
    await query(`SELECT n, items[1].trackId AS track FROM read_json_auto('${directory}/*/exposures-*.jsonl')`),
  ).toEqual([{ n: '1', track: 't' }]);
  connection.closeSync();
});
