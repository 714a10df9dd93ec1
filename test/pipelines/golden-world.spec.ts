/** A world of four tracks and three listeners whose every number was computed by hand. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BUILD_TIMEOUT_MS, build, describeWithPython, readTable, temporaryDirectory, writeCsv } from './build.js';
import type { BuildManifest } from '../../src/worlds/build/manifest.js';

const NOW = '2026-03-15T00:00:00Z';
/** One half-life of popularity before. */
const BEFORE = '2026-03-01T00:00:00Z';

const TRACKS = [
  'a,Aye,Xenon,100,1,',
  'b,Bee,xenon ,120,0,',
  'c,Cee,Yttrium,,1,US|CA',
  'd,"Dee, ""live""",Xenon,110,1,',
];

/** l1 hears a b a c b c a; all of its plays share a time stamp, as scraped ones do. */
const L1 = ['a', 'b', 'a', 'c', 'b', 'c', 'a'].map((track, seq) => {
  const outcome = ['completed', 'skipped', 'completed', 'skipped', '', '', 'completed'][seq];
  return `l1,${seq},${NOW},${track},US,,${outcome}`;
});
/** l2 hears a b in a playlist, a half-life earlier. */
const L2 = [`l2,7,${BEFORE},a,DE,mix,`, `l2,9,${BEFORE},b,DE,mix,`];
/** l3 pauses for an hour between two plays, with time stamps of their own. */
const L3 = [`l3,0,2026-03-14T23:00:00Z,c,US,,`, `l3,1,2026-03-15T00:00:00Z,a,US,,`];

/** Scores are written in three significant digits. */
function expectThreeDigits(found: unknown, exact: number): void {
  expect(Number(found).toPrecision(3)).toBe(exact.toPrecision(3));
}

describeWithPython('golden world', () => {
  let directory: string;
  let out: string;
  let manifest: BuildManifest;

  beforeAll(async () => {
    directory = await temporaryDirectory();
    out = join(directory, 'world');
    const tracks = await writeCsv(
      join(directory, 'tracks.csv'),
      'track_id,title,artist,tempo_bpm,mode,markets',
      TRACKS,
    );
    // Lines are in no order of their own: seq orders.
    const plays = await writeCsv(
      join(directory, 'plays.csv'),
      'listener_id,seq,played_at,track_id,market,context_id,outcome',
      [...L3, ...L2, ...L1].reverse(),
    );
    manifest = await build({ plays, tracks, out });
  }, BUILD_TIMEOUT_MS);

  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  const rowsOf = (table: Parameters<typeof readTable>[1]): ReturnType<typeof readTable> => readTable(out, table);

  it('numbers tracks and artists by decayed popularity', async () => {
    // c of l3 was played an hour before the latest play; 336 hours are a half-life.
    const top = 3 + 0.5 + 1;
    const late = 0.5 ** (1 / 336);
    const rows = await rowsOf('tracks');
    expect(rows.map(({ track_id, artist_ordinal, plays }) => [track_id, artist_ordinal, plays])).toEqual([
      ['a', 0, 5],
      ['c', 1, 3],
      ['b', 0, 3],
      ['d', 0, 0],
    ]);
    expect(rows.map(({ ordinal }) => ordinal)).toEqual([0, 1, 2, 3]);
    expect(rows[0].popularity).toBe(1);
    expect(rows[1].popularity).toBeCloseTo((2 + late) / top, 8);
    expect(rows[2].popularity).toBeCloseTo(2.5 / top, 8);
    expect(rows[3]).toMatchObject({
      popularity: 0,
      title: 'Dee, "live"',
      artist: 'Xenon',
      energy: null,
      markets: null,
    });
  });

  it('keeps neighbours directional, weighted by distance, inside sessions', async () => {
    const rows = await rowsOf('neighbours');
    const score = (weight: number, seedPlays: number, followerPlays: number): number =>
      weight / Math.sqrt((seedPlays + 50) * (followerPlays + 50));
    const found = Object.fromEntries(
      rows.map(({ ordinal, neighbour, score }) => [[ordinal, neighbour].join('>'), score]),
    );
    // Ordinals: a 0, c 1, b 2.
    const expected = {
      '0>2': score(1 + 1 / 4 + 1 / 2 + 1, 5, 3),
      '0>1': score(1 / 3 + 1 / 5 + 1 + 1 / 3, 5, 3),
      '2>0': score(1 + 1 / 5 + 1 / 2, 3, 5),
      '2>1': score(1 / 2 + 1 / 4 + 1, 3, 3),
      '1>0': score(1 / 3 + 1, 3, 5),
      '1>2': score(1, 3, 3),
    };
    expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
    for (const [pair, value] of Object.entries(expected)) expectThreeDigits(found[pair], value);
    expect(rows.map(({ ordinal, rank }) => [ordinal, rank])).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
      [2, 0],
      [2, 1],
    ]);
  });

  it('counts gaps in plays of the listener', async () => {
    const rows = (await rowsOf('history')).filter(({ listener_id }) => listener_id === 'l1');
    const lastAt = Date.parse(NOW);
    expect(rows).toEqual([
      {
        ...{ listener_id: 'l1', ordinal: 0, plays: 3, last_index: 6, last_at_ms: lastAt, skips: 0, completions: 3 },
        ...{ gap_mean: 3, gap_median: 3, gap_min: 2, gap_last: 4 },
      },
      {
        ...{ listener_id: 'l1', ordinal: 1, plays: 2, last_index: 5, last_at_ms: lastAt, skips: 1, completions: 0 },
        ...{ gap_mean: 2, gap_median: 2, gap_min: 2, gap_last: 2 },
      },
      {
        ...{ listener_id: 'l1', ordinal: 2, plays: 2, last_index: 4, last_at_ms: lastAt, skips: 1, completions: 0 },
        ...{ gap_mean: 3, gap_median: 3, gap_min: 3, gap_last: 3 },
      },
    ]);
    const once = (await rowsOf('history')).filter(({ listener_id }) => listener_id === 'l2');
    expect(
      once.map(({ gap_mean, gap_median, gap_min, gap_last }) => [gap_mean, gap_median, gap_min, gap_last]),
    ).toEqual([
      [null, null, null, null],
      [null, null, null, null],
    ]);
  });

  it('takes spellings of an artist together', async () => {
    // a b a . b . a by Xenon: gaps 1, 1, 2, 2.
    expect((await rowsOf('history_artists')).filter(({ listener_id }) => listener_id === 'l1')).toEqual([
      { listener_id: 'l1', artist_ordinal: 0, last_index: 6, gap_mean: 1.5 },
      { listener_id: 'l1', artist_ordinal: 1, last_index: 5, gap_mean: 2 },
    ]);
    expect((await rowsOf('signal_artists')).filter(({ listener_id }) => listener_id === 'l1')).toEqual([
      { listener_id: 'l1', artist_ordinal: 0, weight: 5 / 7 },
      { listener_id: 'l1', artist_ordinal: 1, weight: 2 / 7 },
    ]);
  });

  it('describes listeners', async () => {
    expect(await rowsOf('listeners')).toEqual([
      {
        listener_id: 'l1',
        plays: 7,
        built_through_ms: Date.parse(NOW),
        market: 'US',
        completion_rate: 3 / 5,
        skip_rate: 2 / 5,
      },
      {
        listener_id: 'l2',
        plays: 2,
        built_through_ms: Date.parse(BEFORE),
        market: 'DE',
        completion_rate: null,
        skip_rate: null,
      },
      {
        listener_id: 'l3',
        plays: 2,
        built_through_ms: Date.parse(NOW),
        market: 'US',
        completion_rate: null,
        skip_rate: null,
      },
    ]);
    const [l1, l2, l3] = await rowsOf('signals');
    // a a a b b have a tempo: 3 x 100, 2 x 120.
    expect(l1.mean_tempo_bpm).toBeCloseTo(108, 9);
    expect(l1.dev_tempo_bpm).toBeCloseTo(Math.sqrt((3 * 64 + 2 * 144) / 5), 6);
    expect(l2).toMatchObject({
      mean_tempo_bpm: 110,
      dev_tempo_bpm: 10,
      mean_key: null,
      mean_energy: null,
      dev_energy: null,
    });
    expect(l3).toMatchObject({ mean_tempo_bpm: 100, dev_tempo_bpm: null, mean_mode: 1, dev_mode: 0 });
  });

  it('lists what is heard, contexts and popular tracks', async () => {
    expect(
      (await rowsOf('heard')).map(({ listener_id, track_id }) => `${String(listener_id)} ${String(track_id)}`),
    ).toEqual([...['l1 a', 'l1 b', 'l1 c', 'l2 a', 'l2 b', 'l3 a', 'l3 c']]);
    expect(await rowsOf('contexts')).toEqual([
      { context_id: 'mix', position: 0, ordinal: 0 },
      { context_id: 'mix', position: 1, ordinal: 2 },
    ]);
    const popular = await rowsOf('popular');
    const list = (market: string): unknown[] =>
      popular.filter((row) => row.market === market).map(({ ordinal }) => ordinal);
    expect(list('')).toEqual([0, 1, 2, 3]);
    // c may not be played in DE; d was never played there and comes last.
    expect(list('DE')).toEqual([0, 2, 3]);
    expect(list('US')).toEqual([0, 1, 2, 3]);
  });

  it('pools what was played, and what was not', async () => {
    const rows = await rowsOf('pools');
    const pool = (listener: string, source: string): unknown[] =>
      rows.filter((row) => row.listener_id === listener && row.source === source).map(({ ordinal }) => ordinal);
    expect(pool('l1', 'history')).toEqual([0, 1, 2]);
    // l2 has heard everything by Xenon but d.
    expect(pool('l2', 'taste')).toEqual([3]);
    // Both others played c, which l2 did not.
    expect(pool('l2', 'similar-listeners')).toEqual([1]);
    const top = rows.find((row) => row.listener_id === 'l1' && row.source === 'history' && row.rank === 0);
    expectThreeDigits(top?.score, 0.5 ** (6 / 1000) + 0.5 ** (4 / 1000) + 1);
  });

  it('says what was built', () => {
    expect(manifest).toMatchObject({
      format: 1,
      asOf: null,
      builtThroughMs: Date.parse(NOW),
      window: { firstMs: Date.parse(BEFORE), lastMs: Date.parse(NOW) },
      skipped: { rows: 0, byReason: {} },
      sources: { plays: 'plays.csv', tracks: 'tracks.csv' },
      createdAt: '2026-01-01T00:00:00.000Z',
    });
    expect(manifest.counts).toMatchObject({ tracks: 4, listeners: 3, heard: 7, history: 7, contexts: 2 });
  });
});
