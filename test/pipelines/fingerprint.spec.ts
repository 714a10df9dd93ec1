/** What names the data of a world, and that CSV and Parquet mean the same. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { prepareSources } from '../../src/worlds/build/sources.js';
import { temporaryDirectory } from './build.js';

const TRACKS = 'track_id,title,artist\na,Aye,X\nb,Bee,Y\n';
const PLAYS = 'listener_id,track_id,played_at\nl,a,2026-01-01T00:00:00Z\n';
const WIDE = 'track_id,title,artist,tempo_bpm,key,mode,energy,explicit,markets,release_year\n';
const { signal } = new AbortController();

describe('fingerprint', () => {
  let directory: string;
  let count = 0;

  beforeEach(async () => {
    directory = await temporaryDirectory();
  });

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  const HEADER = 'listener_id,seq,played_at,track_id';
  const ROWS = ['l,0,2026-01-01T00:00:00Z,a', 'l,1,2026-01-01T00:00:00Z,b', 'm,0,2026-01-02T00:00:00Z,a'];

  async function fingerprint(rows: readonly string[], header = HEADER, asOf?: Date): Promise<string> {
    const own = join(directory, String(++count));
    await mkdir(own);
    const sources = { plays: join(own, `plays${count}.csv`), tracks: join(own, 'tracks.csv') };
    await writeFile(sources.plays, `${header}\n${rows.join('\n')}\n`);
    await writeFile(sources.tracks, TRACKS);
    return (await prepareSources({ ...sources, asOf, threads: 1, signal }, own, own, () => undefined)).dataFingerprint;
  }

  it('does not depend on file names, the order of rows, the numbers in seq or columns that are not read', async () => {
    const base = await fingerprint(ROWS);
    expect(await fingerprint(ROWS.toReversed())).toBe(base);
    expect(await fingerprint(ROWS.map((row) => row.replace(',1,', ',70,')))).toBe(base);
    expect(
      await fingerprint(
        ROWS.map((row) => `x,${row}`),
        `note,${HEADER}`,
      ),
    ).toBe(base);
    expect(await fingerprint(ROWS.map((row) => row.replace('Z', '+00:00').replace('T', ' ')))).toBe(base);
  });

  it('depends on the order of plays and on every value', async () => {
    const base = await fingerprint(ROWS);
    expect(await fingerprint(ROWS.map((row) => row.replace('l,0', 'l,9')))).not.toBe(base);
    expect(await fingerprint(ROWS.map((row) => row.replace('02T00:00:00Z', '02T00:00:01Z')))).not.toBe(base);
    expect(await fingerprint(ROWS.slice(1))).not.toBe(base);
  });

  it('does not depend on what came later', async () => {
    const asOf = new Date('2026-01-01T12:00:00Z');
    const base = await fingerprint(ROWS, HEADER, asOf);
    expect(await fingerprint(ROWS.slice(0, 2), HEADER, asOf)).toBe(base);
    expect(await fingerprint([...ROWS, 'n,0,2026-02-01T00:00:00Z,b'], HEADER, asOf)).toBe(base);
  });
});

describe('sources', () => {
  it('are the same as CSV and as Parquet', async () => {
    const directory = await temporaryDirectory();
    const csv = { plays: join(directory, 'plays.csv'), tracks: join(directory, 'tracks.csv') };
    await writeFile(
      csv.tracks,
      `${WIDE}a,"A, with ""quotes""\nand lines",,120.5,3,1,,true,US|DE,1999\nb,,Y,,,,0.25,,,\n`,
    );
    await writeFile(csv.plays, `\uFEFF${PLAYS.replaceAll('\n', '\r\n')}l,b,2026-01-01T01:00:00.250+01:00\r\n`);
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await instance.connect();
    const parquet = { plays: join(directory, 'plays.pq'), tracks: join(directory, 'tracks.pq') };
    await connection.run(`copy (select 'a' as track_id, 'A, with "quotes"' || chr(10) || 'and lines' as title, null::varchar as artist,
      120.5 as tempo_bpm, 3.0::double as key, 1::tinyint as mode, null::double as energy, true as explicit, 'US|DE' as markets,
      1999::double as release_year union all select 'b', '', 'Y', null, null, null, 0.25, null, null, null) to '${parquet.tracks}'`);
    await connection.run(`copy (select 'l' as listener_id, 'a' as track_id, timestamp '2026-01-01 00:00:00' as played_at
      union all select 'l', 'b', timestamp '2026-01-01 00:00:00.250') to '${parquet.plays}'`);
    connection.closeSync();
    instance.closeSync();
    const prepared = [];
    for (const [name, sources] of Object.entries({ csv, parquet })) {
      await mkdir(join(directory, name));
      const own = join(directory, name);
      prepared.push(await prepareSources({ ...sources, threads: 1, signal }, own, own, () => undefined));
    }
    expect(prepared[1]).toEqual(prepared[0]);
    await rm(directory, { recursive: true, force: true });
  });
});
