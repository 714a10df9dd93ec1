/** A build as of T knows nothing of what came after T: not a byte of it. */
import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BUILD_FILE_NAMES, parquetName } from '../../src/worlds/load/build-files.js';
import { BUILD_TIMEOUT_MS, build, describeWithPython, temporaryDirectory, writeCsv } from './build.js';

const TRACKS = 80;
const LISTENERS = 30;
const PLAYS = 60;
const START_MS = Date.parse('2026-01-01T00:00:00Z');
const AS_OF = new Date(START_MS + 36 * 3_600_000);

/** Numbers from 0 to below 1, the same for a seed (mulberry32). */
function randomness(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Row {
  readonly listener: number;
  readonly seq: number;
  readonly atMs: number;
  readonly rest: string;
}

/** Every third listener's plays share a time stamp between twenty of them, as scraped plays do. */
function plays(random: () => number, fromMs: number, listeners: readonly number[], firstSeq: number): Row[] {
  return listeners.flatMap((listener) =>
    Array.from({ length: PLAYS }, (_, i): Row => {
      const step = listener % 3 === 0 ? Math.floor(i / 20) * 20 : i;
      const track = Math.floor(TRACKS * random() ** 2);
      const outcome = ['completed', 'skipped', ''][Math.floor(random() * 3)];
      const context = random() < 0.2 ? `mix${Math.floor(random() * 3)}` : '';
      const rest = `t${track},${['US', 'DE', ''][listener % 3]},${context},${outcome}`;
      return { listener, seq: firstSeq + i, atMs: fromMs + step * 1_200_000 + listener * 1_000, rest };
    }),
  );
}

function shuffled<T>(random: () => number, values: readonly T[]): T[] {
  return values
    .map((value) => ({ value, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);
}

const everyone = Array.from({ length: LISTENERS }, (_, i) => i);
const random = randomness(7);
const tracks = Array.from({ length: TRACKS }, (_, i) => {
  const audio = i % 4 === 0 ? ',,,' : `${60 + i},${i % 12},${i % 2},${(random() * 20 - 20).toFixed(3)}`;
  return `t${i},Title ${i},Artist ${i % 23},${audio},${i % 9 === 0 ? 'US' : ''}`;
});
const before = plays(random, START_MS, everyone, 0).filter(({ atMs }) => atMs <= AS_OF.getTime());
const after = plays(random, AS_OF.getTime() + 1, everyone, PLAYS);
/** Other tracks, other times, other listeners; some of the first are gone. */
const otherAfter = plays(randomness(8), AS_OF.getTime() + 1, [...everyone.slice(5), 98, 99], PLAYS);

describeWithPython('a build as of T', () => {
  let directory: string;

  beforeAll(async () => {
    directory = await temporaryDirectory();
  });

  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  async function digests(
    name: string,
    rows: readonly Row[],
    withSeq: boolean,
    threads: number,
  ): Promise<Record<string, string>> {
    const lines = rows.map(({ listener, seq, atMs, rest }) => {
      const at = new Date(atMs).toISOString();
      return withSeq ? `l${listener},${at},${rest},${seq}` : `l${listener},${at},${rest}`;
    });
    const header = `listener_id,played_at,track_id,market,context_id,outcome${withSeq ? ',seq' : ''}`;
    const sources = {
      plays: await writeCsv(join(directory, `${name}-plays.csv`), header, lines),
      tracks: await writeCsv(
        join(directory, 'tracks.csv'),
        'track_id,title,artist,tempo_bpm,key,mode,loudness,markets',
        tracks,
      ),
    };
    const out = join(directory, name);
    const { dataFingerprint, builtThroughMs } = await build({ ...sources, out }, { asOf: AS_OF, threads });
    expect(builtThroughMs).toBeLessThanOrEqual(AS_OF.getTime());
    const files = BUILD_FILE_NAMES.map(async (table): Promise<[string, string]> => {
      const bytes = await readFile(join(out, parquetName(table)));
      return [table, createHash('sha256').update(bytes).digest('hex')];
    });
    return { ...Object.fromEntries(await Promise.all(files)), dataFingerprint };
  }

  it(
    'is the same to the byte whatever was played after T, in any order of lines and on any number of threads',
    async () => {
      const first = await digests('with-seq', [...before, ...after], true, 2);
      const other = shuffled(randomness(9), [...before, ...otherAfter]);
      expect(await digests('with-seq-other', other, true, 1)).toEqual(first);
      // A play at T itself is inside: without the latest one something must change.
      const latest = Math.max(...before.map(({ atMs }) => atMs));
      const shorter = before.filter(({ atMs }) => atMs < latest);
      expect(shorter.length).toBeLessThan(before.length);
      expect(await digests('with-seq-shorter', shorter, true, 2)).not.toEqual(first);
    },
    3 * BUILD_TIMEOUT_MS,
  );

  it(
    'is the same to the byte for plays that are ordered by time and line',
    async () => {
      const first = await digests('by-time', [...before, ...after], false, 2);
      // The lines move, but those before T keep their order among themselves.
      const mixed = [
        ...otherAfter.slice(0, 500),
        ...before.slice(0, 300),
        ...otherAfter.slice(500),
        ...before.slice(300),
      ];
      expect(await digests('by-time-other', mixed, false, 2)).toEqual(first);
    },
    2 * BUILD_TIMEOUT_MS,
  );

  it(
    'before the first play still has a catalogue and a popular list',
    async () => {
      const sources = {
        plays: await writeCsv(join(directory, 'plays.csv'), 'listener_id,played_at,track_id', [
          'l,2026-01-01T00:00:00Z,t1',
        ]),
        tracks: await writeCsv(join(directory, 'tracks.csv'), 'track_id,title,artist', ['t1,A,X', 't0,B,Y']),
      };
      const built = await build(
        { ...sources, out: join(directory, 'nothing') },
        { asOf: new Date('2025-01-01T00:00:00Z') },
      );
      expect(built).toMatchObject({ builtThroughMs: 0, counts: { tracks: 2, popular: 2, listeners: 0, pools: 0 } });
    },
    BUILD_TIMEOUT_MS,
  );
});
