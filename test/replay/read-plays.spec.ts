import { describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inTurn } from '../../src/replay/play.js';
import { readPlays } from '../../src/replay/read-plays.js';
import { heardBetween, splitEach, timesAt, writePlays } from '../../src/replay/split-plays.js';

async function withFile<T>(text: string, use: (file: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'segue-plays-'));
  try {
    const file = join(directory, 'plays.csv');
    await writeFile(file, text);
    return await use(file);
  } finally {
    await rm(directory, { recursive: true });
  }
}

const trackIds = (plays: Awaited<ReturnType<typeof readPlays>>, listener: string): string[] =>
  (plays.get(listener) ?? []).map(({ trackId }) => trackId);

describe('plays of a file', () => {
  it('are in the order of seq where there is one, whatever the times say', async () => {
    const text =
      'listener_id,seq,played_at,track_id\na,2,2026-01-01T00:00:00Z,z\na,0,2026-01-01T00:00:00Z,x\na,1,2026-01-02T00:00:00Z,y\n';
    await withFile(text, async (file) => {
      expect(trackIds(await readPlays(file), 'a')).toEqual(['x', 'y', 'z']);
    });
  });

  it('are else in the order of time and file line', async () => {
    const text =
      'track_id,listener_id,played_at\nlate,a,2026-01-02T00:00:00\nfirst,a,2026-01-01T00:00:00Z\nsecond,a,2026-01-01T01:00:00+01:00\n';
    await withFile(text, async (file) => {
      expect(trackIds(await readPlays(file), 'a')).toEqual(['first', 'second', 'late']);
    });
  });

  it.each([
    ['listener_id,track_id\na,x\n', /plays.csv: has no column played_at/],
    ['listener_id,track_id,played_at\n', /has no plays/],
    ['listener_id,track_id,played_at\na,x,2026-01-01T00:00:00Z\na,x,yesterday\n', /row 2: played_at is "yesterday"/],
    ['listener_id,track_id,played_at\n,x,2026-01-01T00:00:00Z\n', /row 1: listener_id is ""/],
    ['listener_id,track_id,played_at,outcome\na,x,2026-01-01T00:00:00Z,heard\n', /row 1: outcome is "heard"/],
    ['listener_id,track_id,played_at,seq\na,x,2026-01-01T00:00:00Z,first\n', /row 1: seq is "first"/],
  ])('are refused with file, row and column: %j', async (text, problem) => {
    await withFile(text, async (file) => {
      await expect(readPlays(file)).rejects.toThrow(problem);
    });
  });

  it('are written as they were read', async () => {
    const text =
      'listener_id,seq,played_at,track_id,market,context_id,played_ms,outcome,saved\n' +
      '"a, b",0,2026-01-01T00:00:00.000Z,x,DE,c1,1000,skipped,0\n"a, b",1,2026-01-01T00:00:00.000Z,y,,,,,1\n';
    await withFile(text, async (file) => {
      const plays = await readPlays(file);
      await writePlays(file, plays);
      expect(await readPlays(file)).toEqual(plays);
    });
  });

  it('take turns by time, and a listener keeps their own order', () => {
    const play = (listenerId: string, trackId: string, atMs: number) => ({
      ...{ listenerId, trackId, atMs, market: '', contextId: '', playedMs: NaN, saved: undefined },
      outcome: '' as const,
    });
    const plays = new Map([
      ['a', [play('a', 'a0', 5), play('a', 'a1', 1), play('a', 'a2', 9)]],
      ['b', [play('b', 'b0', 2), play('b', 'b1', 7)]],
    ]);
    expect(inTurn(plays).map(({ play: { trackId } }) => trackId)).toEqual(['b0', 'a0', 'a1', 'b1', 'a2']);
    expect(timesAt(plays, [0.2, 0.4, 0.5, 1])).toEqual([1, 2]);
    const { first, last } = splitEach(plays, 0.5);
    expect([...first.values()].flat().map(({ trackId }) => trackId)).toEqual(['a0', 'b0']);
    expect(trackIds(last, 'a')).toEqual(['a1', 'a2']);
    expect(trackIds(heardBetween(plays, 2, 7), 'a')).toEqual(['a0']);
  });
});
