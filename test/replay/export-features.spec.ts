import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FEATURE_NAMES } from '../../src/features/registry.js';
import { StoreReads } from '../../src/recommend/store-reads.js';
import { wholeReads } from '../../src/store/row-reads.js';
import { exportFeatures, type ExportSummary } from '../../src/replay/export-features.js';
import type { PlaysByListener } from '../../src/replay/play.js';
import { BUILT_THROUGH_MS, playsOf, replayedWorld, TRACKS, type Heard, type ReplayedWorld } from './replayed-world.js';

const OPTIONS = {
  surface: 'radio',
  width: 500,
  negatives: 10,
  plays: Infinity,
  listeners: 1,
  seed: 7,
} as const;

async function exported(
  { world, store, directory }: ReplayedWorld,
  plays: PlaysByListener,
  name: string,
  options: Partial<{ plays: number; seed: number }> = {},
): Promise<{ summary: ExportSummary; rows: (number | null)[][] }> {
  const out = join(directory, name);
  const reads = new StoreReads(wholeReads(store), {
    corrupt: (table, error) => {
      throw new Error(`${table}: ${error.message}`);
    },
  });
  const summary = await exportFeatures(
    plays,
    out,
    { world, store, reads, onProgress: () => 0 },
    { ...OPTIONS, ...options },
  );
  expect(JSON.parse(await readFile(join(out, 'export.json'), 'utf8'))).toEqual(summary);
  const database = await DuckDBInstance.create(':memory:');
  const connection = await database.connect();
  const columns = ['label', 'y_complete', 'y_skip', 'y_save', ...FEATURE_NAMES]
    .map((column) => `"${column}"`)
    .join(', ');
  const result = await connection.runAndReadAll(
    `SELECT CAST(group_id AS DOUBLE), ${columns} FROM '${out}/*.parquet' ORDER BY group_id, label DESC, ${columns}`,
  );
  const rows = result.getRows().map((row) => row.map((value) => (typeof value === 'number' ? value : null)));
  database.closeSync();
  return { summary, rows };
}

const heard: fc.Arbitrary<Heard> = fc.record({
  track: fc.integer({ min: 0, max: TRACKS - 1 }),
  outcome: fc.constantFrom('completed', 'skipped', ''),
  saved: fc.boolean(),
});

describe('export of training examples', () => {
  it('changes no feature of a play when the plays after it change', async () => {
    await using replayed = await replayedWorld();
    await fc.assert(
      fc.asyncProperty(
        fc.array(heard, { minLength: 1, maxLength: 60 }),
        fc.array(heard, { maxLength: 10 }),
        fc.array(heard, { maxLength: 10 }),
        fc.constantFrom('ann', 'bea'),
        async (before, one, other, listener) => {
          const first = await exported(replayed, playsOf(listener, [...before, ...one]), 'one');
          const second = await exported(replayed, playsOf(listener, [...before, ...other]), 'other');
          const shared = (rows: (number | null)[][]): (number | null)[][] =>
            // What becomes of the last shared play is part of that play.
            rows.filter(([group]) => group !== null && group < before.length);
          expect(shared(second.rows)).toEqual(shared(first.rows));
        },
      ),
      { numRuns: 25, seed: 11 },
    );
  });

  it('puts the played track first, with what became of it, among sampled others', async () => {
    await using replayed = await replayedWorld();
    const plays = playsOf('ann', [
      { track: 60, outcome: 'skipped', saved: false },
      { track: 61, outcome: 'completed', saved: true },
    ]);
    const { rows, summary } = await exported(replayed, plays, 'labels');
    expect(summary).toMatchObject({ groups: 2, skippedNotRetrieved: 0, recallAtWidth: 1 });
    const positives = rows.filter(([, label]) => label === 1);
    expect(positives.map((row) => row.slice(0, 5))).toEqual([
      [0, 1, 0, 1, 0],
      [1, 1, 1, 0, 1],
    ]);
    expect(rows).toHaveLength(2 * 11);
  });

  it('makes no group of a play that was not retrieved, and counts it', async () => {
    await using replayed = await replayedWorld();
    const twice = { track: 50, outcome: '', saved: false } as const;
    const { rows, summary } = await exported(replayed, playsOf('ann', [twice, twice]), 'not-retrieved');
    expect(summary).toMatchObject({ groups: 1, skippedNotRetrieved: 1, recallAtWidth: 0.5 });
    expect(new Set(rows.map(([group]) => group))).toEqual(new Set([0]));
  });

  it('refuses rows that were built later than a play, naming listener, play and times', async () => {
    await using replayed = await replayedWorld();
    const plays = playsOf('ann', [{ track: 3, outcome: '', saved: false }]);
    const early = new Map([...plays].map(([id, own]) => [id, own.map((play) => ({ ...play, atMs: play.atMs - 1 }))]));
    await expect(exported(replayed, early, 'late')).rejects.toThrow(
      /listener ann.*2026-05-01T00:00:00.000Z.*play of t3 at 2026-04-30T23:59:59.999Z.*--as-of/,
    );
    await expect(exported(replayed, plays, 'equal')).resolves.toBeDefined();
    expect(BUILT_THROUGH_MS).toBe([...plays.values()][0]?.[0]?.atMs);
  });

  it('samples plays by seed without changing the groups it keeps', async () => {
    await using replayed = await replayedWorld();
    const plays = playsOf(
      'bea',
      Array.from({ length: 30 }, (_, i) => ({ track: i * 2, outcome: '', saved: false }) as const),
    );
    const all = await exported(replayed, plays, 'all');
    const some = await exported(replayed, plays, 'some', { plays: 8 });
    expect(some.summary.groups).toBe(8);
    const kept = new Set(some.rows.map(([group]) => group));
    expect(some.rows).toEqual(all.rows.filter(([group]) => kept.has(group ?? null)));
  });
});
