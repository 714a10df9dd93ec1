/** The queries that docs/events.md gives are run on a log. */
import { DuckDBInstance } from '@duckdb/node-api';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openSegmentLog } from '../../src/events/segment-log.js';
import { recordOfEvent } from '../../src/listeners/live-event.js';
import { START_MS } from './service.js';

const docs = readFileSync(resolve(import.meta.dirname, '../../docs/events.md'), 'utf8');
const queries = /```sql\n(?<sql>[\s\S]*?)```/.exec(docs)?.groups?.sql.split(';\n') ?? [];

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'segue-queries-'));
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

async function answerOf(sql: string | undefined): Promise<unknown[]> {
  const connection = await (await DuckDBInstance.create()).connect();
  const reader = await connection.runAndReadAll((sql ?? '').replaceAll("'events/", `'${directory}/`));
  connection.closeSync();
  return reader.getRowObjectsJson();
}

test('an event that stands in two slots is read once', async () => {
  for (const slot of [0, 1]) {
    const log = await openSegmentLog({ directory, slot, nowMs: () => START_MS });
    for (const eventId of ['shared', `of-${slot}`]) {
      const event = { eventId, listenerId: 'ann', trackId: 't1', occurredAtMs: START_MS, receivedAtMs: START_MS };
      const playedMs = slot === 0 ? {} : { playedMs: 5_000 };
      await log.append('events', [recordOfEvent({ ...event, ...playedMs, type: 'skip' })]);
    }
    await log.close();
  }
  const rows = (await answerOf(queries[0])) as { eventId: string; occurredAt: string }[];
  expect(rows.map(({ eventId }) => eventId).toSorted()).toEqual(['of-0', 'of-1', 'shared']);
  expect(rows[0]?.occurredAt).toBe('2026-11-01 12:00:00');
});

test('dropped exposures are counted, over segments', async () => {
  const log = await openSegmentLog({
    directory,
    slot: 3,
    nowMs: () => START_MS,
    queueBytesMax: 300,
    segmentBytesMax: 1,
  });
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 5; i++) log.offer({ requestId: 'r'.repeat(64) });
    const offered = (round + 1) * 5;
    while (log.writtenExposures + log.droppedExposures < offered) await new Promise(setImmediate);
  }
  await log.close();
  expect(log.droppedExposures).toBeGreaterThan(0);
  const [row] = (await answerOf(queries[1])) as { slot: string; dropped: string }[];
  expect(row.slot).toBe('3');
  const trailing = log.droppedExposures - Number(row.dropped);
  expect(trailing).toBeGreaterThanOrEqual(0);
  expect(trailing).toBeLessThan(5);
});
