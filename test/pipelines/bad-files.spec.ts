/** What `segue build` refuses, with file, line and reason; none of it gets as far as dbt. */
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareSources } from '../../src/worlds/build/sources.js';
import { build, temporaryDirectory } from './build.js';

const TRACKS = 'track_id,title,artist\na,Aye,X\nb,Bee,Y\n';
const PLAYS = 'listener_id,track_id,played_at\nl,a,2026-01-01T00:00:00Z\n';
const WIDE = 'track_id,title,artist,tempo_bpm,key,mode,energy,explicit,markets,release_year\n';
const play = (line: string): string => `listener_id,seq,played_at,track_id,outcome,saved,played_ms\n${line}\n`;

const { signal } = new AbortController();

interface Case {
  readonly plays?: string | Buffer;
  readonly tracks?: string | Buffer;
  readonly told: string;
}

const CASES: Readonly<Record<string, Case>> = {
  'empty file': { plays: '', told: 'plays.csv: is empty' },
  'header alone': { plays: 'listener_id,track_id,played_at\n', told: 'plays.csv: has a header and no rows' },
  'missing column': {
    plays: 'listener_id,played_at\nl,2026-01-01T00:00:00Z\n',
    told: 'plays.csv:1: missing column track_id; it has listener_id, played_at',
  },
  'missing columns of tracks': {
    tracks: 'track_id\na\n',
    told: 'tracks.csv:1: missing columns title, artist; it has track_id',
  },
  'column twice': {
    tracks: 'track_id,title,artist,title\na,b,c,d\n',
    told: 'tracks.csv:1: column title is there twice',
  },
  'header that is not UTF-8': {
    plays: Buffer.from([0xff, 0xfe, 0x0a]),
    told: 'plays.csv:1: the header line is not UTF-8',
  },
  'unparsable time': {
    plays: `${PLAYS}l,a,yesterday\n`,
    told: 'plays.csv:3: played_at: "yesterday" is no ISO 8601 time such as 2014-06-16T02:01:27Z',
  },
  'a day that is none': {
    plays: `${PLAYS}l,a,2026-02-30T00:00:00Z\n`,
    told: 'plays.csv:3: played_at: "2026-02-30T00:00:00Z"',
  },
  'time missing': { plays: `${PLAYS}l,a,\n`, told: 'plays.csv:3: played_at: "" is empty' },
  'unknown track': {
    plays: `${PLAYS}l,zz,2026-01-01T00:00:00Z\n`,
    told: 'plays.csv:3: track_id: "zz" is not among the tracks',
  },
  'duplicate track': {
    tracks: `${TRACKS}a,Again,Z\n`,
    told: 'tracks.csv:4: (track_id): "a" is there already, in line 2',
  },
  'duplicate seq': {
    plays: play('l,1,2026-01-01T00:00:00Z,a,,,\nl,01,2026-01-01T00:00:00Z,b,,,'),
    told: 'plays.csv:3: (listener_id, seq): "l, 01" is there already, in line 2',
  },
  'seq missing in a row': { plays: play('l,,2026-01-01T00:00:00Z,a,,,'), told: 'plays.csv:2: seq: "" is empty' },
  'seq that is no whole number': {
    plays: play('l,1.5,2026-01-01T00:00:00Z,a,,,'),
    told: 'plays.csv:2: seq: "1.5" is no whole number',
  },
  'unknown outcome': {
    plays: play('l,1,2026-01-01T00:00:00Z,a,loved,,'),
    told: 'plays.csv:2: outcome: "loved" is not one of completed, skipped',
  },
  'flag that is none': {
    plays: play('l,1,2026-01-01T00:00:00Z,a,,2,'),
    told: 'plays.csv:2: saved: "2" is neither 0 nor 1',
  },
  'negative time played': {
    plays: play('l,1,2026-01-01T00:00:00Z,a,,,-1'),
    told: 'plays.csv:2: played_ms: "-1" is no whole number from 0',
  },
  'key out of range': {
    tracks: `${WIDE}a,A,X,,12,,,,,\n`,
    told: 'tracks.csv:2: key: "12" is no whole number from 0 to 11',
  },
  'mode out of range': {
    tracks: `${WIDE}a,A,X,,,2,,,,\n`,
    told: 'tracks.csv:2: mode: "2" is no whole number from 0 to 1',
  },
  'tempo out of range': {
    tracks: `${WIDE}a,A,X,0,,,,,,\n`,
    told: 'tracks.csv:2: tempo_bpm: "0" is no number from 1 to 1000',
  },
  'tempo that is no number': {
    tracks: `${WIDE}a,A,X,fast,,,,,,\n`,
    told: 'tracks.csv:2: tempo_bpm: "fast" is no number',
  },
  'tempo that is not finite': {
    tracks: `${WIDE}a,A,X,nan,,,,,,\n`,
    told: 'tracks.csv:2: tempo_bpm: "nan" is no number',
  },
  'energy out of range': {
    tracks: `${WIDE}a,A,X,,,,1.1,,,\n`,
    told: 'tracks.csv:2: energy: "1.1" is no number from 0 to 1',
  },
  'markets that are no list': {
    tracks: `${WIDE}a,A,X,,,,,,US||DE,\n`,
    told: 'tracks.csv:2: markets: "US||DE" is no list',
  },
  'id over 64 bytes': { tracks: `${TRACKS}${'ü'.repeat(33)},T,A\n`, told: 'is longer than 64 bytes' },
  'id with a control character': {
    tracks: `${TRACKS}c\u0007,T,A\n`,
    told: String.raw`tracks.csv:4: track_id: "c\u0007" has a control character`,
  },
  'id with a NUL': {
    tracks: `${TRACKS}c\0d,T,A\n`,
    told: String.raw`tracks.csv:4: track_id: "c\u0000d" has a control character`,
  },
  'line over 256 KB': {
    tracks: `${TRACKS}c,${'x'.repeat(300_000)},A\n`,
    told: 'tracks.csv:4: is longer than 262144 bytes',
  },
  'title over 1,024 bytes': { tracks: `${TRACKS}c,${'"'.repeat(200_000)},A\n`, told: 'is longer than 1024 bytes' },
  'empty id': { tracks: `${TRACKS},T,A\n`, told: 'tracks.csv:4: track_id: "" is empty' },
  'too few fields': { plays: `${PLAYS}l,a\n`, told: 'plays.csv:3: has 2 fields, the header has 3' },
  'quote inside a field': {
    tracks: `${TRACKS}c,a "quoted" title,A\n`,
    told: 'tracks.csv:4: a quote inside an unquoted field',
  },
  'quote that never closes': {
    tracks: `${TRACKS}c,"Open,A\nd,Dee,X\n`,
    told: 'tracks.csv:4: a quoted field is never closed',
  },
  'line that is not UTF-8': {
    tracks: Buffer.concat([Buffer.from(TRACKS), Buffer.from([0x63, 0x2c, 0xe9, 0x2c, 0x41, 0x0a])]),
    told: 'tracks.csv:4: is not UTF-8',
  },
  'Parquet that is none': { plays: `PAR1${'x'.repeat(100)}`, told: 'plays.csv: is no readable Parquet file' },
};

describe('bad files', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await temporaryDirectory();
  });

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  async function files(
    plays: string | Buffer = PLAYS,
    tracks: string | Buffer = TRACKS,
  ): Promise<{ plays: string; tracks: string }> {
    const paths = { plays: join(directory, 'plays.csv'), tracks: join(directory, 'tracks.csv') };
    await writeFile(paths.plays, plays);
    await writeFile(paths.tracks, tracks);
    return paths;
  }

  const refusal = async (sources: { plays: string; tracks: string }): Promise<string> => {
    const refused = build({ ...sources, out: join(directory, 'out') }, { python: process.execPath });
    await expect(refused).rejects.toMatchObject({ code: 'SEGUE_INVALID_ARGUMENT' });
    return refused.then(String, (error: unknown) => (error instanceof Error ? error.message : ''));
  };

  it.each(Object.entries(CASES))('are refused: %s', async (_, { plays, tracks, told }) => {
    expect(await refusal(await files(plays, tracks))).toContain(told);
    // Nothing is left behind.
    expect((await readdir(directory)).sort()).toEqual(['plays.csv', 'tracks.csv']);
  });

  it('are refused when there is no file, or something else', async () => {
    const { plays, tracks } = await files();
    expect(await refusal({ plays: join(directory, 'none.csv'), tracks })).toBe('none.csv: does not exist');
    await mkdir(join(directory, 'folder'));
    expect(await refusal({ plays, tracks: join(directory, 'folder') })).toBe('folder: is not a file');
  });

  it('are refused when they may not be read', async () => {
    const { plays, tracks } = await files();
    await chmod(plays, 0);
    // Root may read everything.
    if (process.getuid?.() === 0) return;
    expect(await refusal({ plays, tracks })).toBe('plays.csv: may not be read');
  });

  it('lists the first twenty and counts the rest', async () => {
    const bad = Array.from({ length: 30 }, (_, i) => (i < 25 ? `l,a,at ${i}` : 'l,zz,2026-01-01T00:00:00Z'));
    const message = await refusal(await files(`${PLAYS}${bad.join('\n')}\n`));
    const lines = message.split('\n');
    expect(lines[0]).toBe('30 bad rows, the first 20:');
    expect(lines.filter((line) => line.includes('plays.csv:'))).toHaveLength(22);
    expect(lines[20]).toContain('plays.csv:22: played_at: "at 19"');
    expect(message).toContain('plays.csv: 25 × unparsable-time');
    expect(message).toContain('plays.csv: 5 × unknown-track');
  });

  it('tells a bad track once, not again for each of its plays', async () => {
    const tracks = `${WIDE}a,A,X,,12,,,,,\n`;
    expect((await refusal(await files(PLAYS, tracks))).split('\n')[0]).toBe('1 bad row:');
  });

  it('are read without their bad rows where that is asked for', async () => {
    const plays = [
      'l,a,2026-01-01T00:00:00Z',
      'l,a',
      'l,c,2026-01-01T00:00:00Z',
      'l,a,soon',
      'l,b,2026-01-02T00:00:00Z',
      'l,zz,2026-01-02T00:00:00Z',
    ];
    const sources = await files(
      `listener_id,track_id,played_at\n${plays.join('\n')}\n`,
      `${TRACKS}c,"Open,A\na,Again,Z\n`,
    );
    const checked = await prepareSources(
      { ...sources, skipBadRows: true, threads: 1, signal },
      directory,
      directory,
      () => undefined,
    );
    expect(checked.skipped).toEqual({
      rows: 6,
      byReason: { 'malformed-line': 2, 'duplicate-key': 1, 'unknown-track': 2, 'unparsable-time': 1 },
    });
    expect(checked.window).toEqual({ firstMs: Date.parse('2026-01-01'), lastMs: Date.parse('2026-01-02') });
  });

  it('does not build from rows that are all bad', async () => {
    const sources = await files('listener_id,track_id,played_at\nl,a,soon\n');
    const prepared = prepareSources(
      { ...sources, skipBadRows: true, threads: 1, signal },
      directory,
      directory,
      () => undefined,
    );
    await expect(prepared).rejects.toThrow('plays.csv: has no rows that can be used');
  });
});
