import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeListenerRow } from '../../src/listeners/listener-row.js';
import { openLmdbStore } from '../../src/store/lmdb/lmdb-store.js';
import type { RowStore } from '../../src/store/row-store.js';
import { generationTable, rowKey } from '../../src/store/tables.js';
import { ATTRIBUTE, ATTRIBUTE_COUNT, EMBEDDING_SIZE } from '../../src/worlds/attributes.js';
import type { Clock } from '../../src/worlds/load/claim.js';
import { loadWorld, type LoadOptions, type LoadResult } from '../../src/worlds/load/load-world.js';
import { thisProcess } from '../../src/worlds/load/owner.js';
import { openWorld } from '../../src/worlds/loaded-worlds.js';
import { readPointer } from '../../src/worlds/pointer.js';
import { decodeContextTracks, decodeNeighbours } from '../../src/worlds/track-rows.js';
import { RECORD_BYTES, RECORD_FLOATS, type World } from '../../src/worlds/world.js';
import { SMALL, listenerId, trackId, writeBuild, writeParquet } from '../fixtures/build.js';

const clock: Clock = {
  nowMs: () => 1_763_100_000_000,
  monotonicMs: () => performance.now(),
  sleep: () => Promise.resolve(),
};

let directory: string;
let build: string;
let store: RowStore;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'segue-load-'));
  build = join(directory, 'build');
  await writeBuild(build);
  store = openLmdbStore({ dataDir: join(directory, 'data') });
});

afterEach(async () => {
  await store.close();
  await rm(directory, { recursive: true, force: true });
});

function load(options: Partial<LoadOptions> = {}): Promise<LoadResult> {
  return loadWorld(build, {
    store,
    owner: thisProcess(),
    clock,
    force: false,
    onProgress: () => undefined,
    ...options,
  });
}

describe('loading a build', () => {
  let world: World;
  let result: LoadResult;

  beforeEach(async () => {
    result = await load();
    world = await openWorld(store, result.generation);
  });

  it('is named by the build and counts what it wrote', async () => {
    expect(result.generation).toMatch(/^g20251113021320-[0-9a-f]{8}$/);
    expect(result.tables).toMatchObject({ listeners: SMALL.listeners, contexts: SMALL.contexts, tracks: 263 });
    expect(await readPointer(store)).toEqual({ generation: result.generation, previous: '' });
  });

  it('makes the catalogue, with embeddings from the neighbours', () => {
    const { catalogue } = world;
    expect([catalogue.count, catalogue.artistCount]).toEqual([SMALL.tracks, SMALL.tracks / 4]);
    const ordinal = catalogue.ordinalOf(trackId(8));
    const attributes = catalogue.floats.subarray(ordinal * RECORD_FLOATS, ordinal * RECORD_FLOATS + ATTRIBUTE_COUNT);
    expect(attributes[ATTRIBUTE.tempoBpm]).toBe(88);
    expect(attributes[ATTRIBUTE.energy]).toBeNaN();
    expect(attributes[ATTRIBUTE.artist]).toBe(2);
    expect(attributes[ATTRIBUTE.logPlays]).toBeCloseTo(Math.log1p(SMALL.tracks - 8), 5);
    expect(catalogue.admits(3, 'FR')).toBe(false);
    const embedding = (of: number) => {
      const start = of * RECORD_BYTES + ATTRIBUTE_COUNT * 4;
      return catalogue.bytes.subarray(start, start + EMBEDDING_SIZE);
    };
    expect(embedding(7).every((value) => value === 0)).toBe(true);
    expect(embedding(8).some((value) => value !== 0)).toBe(true);
    expect(world.popular('DE').ordinals[0]).toBe(5);
  });

  it('makes rows that decode to what the files say', async () => {
    const { generation, catalogue } = world;
    const refs = [
      { table: generationTable('listeners', generation), key: rowKey(listenerId(4)) },
      { table: generationTable('listeners', generation), key: rowKey(listenerId(9)) },
      { table: generationTable('tracks', generation), key: rowKey(trackId(2)) },
      { table: generationTable('tracks', generation), key: rowKey(trackId(7)) },
      { table: generationTable('contexts', generation), key: rowKey('context-1') },
    ];
    const [four, nine, neighbours, alone, context] = await store.read(refs);
    const row = decodeListenerRow(four!, catalogue);
    expect(row.builtThroughMs).toBe(1_763_000_000_004);
    expect(row.pool.map(({ name, ordinals }) => [name, ordinals[1]])).toEqual([
      ['history', 7],
      ['taste', 7],
    ]);
    expect(row.signals).toMatchObject({ plays: 24, completionRate: 0.75, skipRate: 0.25, market: '' });
    expect(row.signals?.attributeMeans[ATTRIBUTE.mode]).toBe(4);
    expect(row.signals?.attributeMeans[ATTRIBUTE.key]).toBeNaN();
    expect(row.signals?.artistOrdinals).toEqual(Uint32Array.of(0, 1, 2, 3, 4));
    expect([...row.history!.gapMeans.subarray(0, 3)]).toEqual([NaN, 4.5, 4.5]);
    expect(row.history).toMatchObject({ totalPlays: 24, ordinals: Uint32Array.from({ length: 15 }, (_, i) => i * 2) });
    expect([row.heard?.has(trackId(38)), row.heard?.has(trackId(39))]).toEqual([true, false]);
    const empty = decodeListenerRow(nine!, catalogue);
    expect([empty.pool, empty.history?.ordinals.length, empty.signals?.completionRate]).toEqual([[], 0, NaN]);
    expect(decodeNeighbours(neighbours, catalogue.count)?.ordinals).toEqual(
      Uint32Array.from({ length: 10 }, (_, i) => 3 + i),
    );
    expect(decodeNeighbours(alone, catalogue.count)).toBeUndefined();
    expect(decodeContextTracks(context, catalogue.count)?.subarray(0, 2)).toEqual(Uint32Array.of(7, 8));
  });

  it('does nothing more for the same build, and says so', async () => {
    const tables = await store.listTables();
    expect(await load()).toEqual({ ...result, outcome: 'already', tables: {} });
    expect(await store.listTables()).toEqual(tables);
  });

  it('loads the same build under a new name where forced', async () => {
    const again = await load({ force: true });
    expect([again.generation, again.outcome]).toEqual([`${result.generation}-2`, 'loaded']);
    expect(await readPointer(store)).toEqual({ generation: again.generation, previous: result.generation });
  });

  it('does not overwrite a generation with another build', async () => {
    await writeBuild(build, { ...SMALL, seed: 2 });
    await expect(load({ generation: result.generation })).rejects.toThrow(/was used before; choose another name/);
  });
});

describe('a build that is incomplete or corrupt', () => {
  const refused = async (message: RegExp) => {
    await expect(load()).rejects.toThrow(message);
    expect(await readPointer(store)).toBeUndefined();
  };

  it('is refused without build.json', async () => {
    await rm(join(build, 'build.json'));
    await refused(/build\.json: cannot be read/);
  });

  it('is refused without one of its files', async () => {
    await rm(join(build, 'pools.parquet'));
    await refused(/pools\.parquet: is missing/);
  });

  it('is refused when a file is cut short', async () => {
    await truncate(join(build, 'heard.parquet'), 200);
    await refused(/heard\.parquet: cannot be read/);
  });

  it('is refused when a file has other rows than build.json says', async () => {
    const path = join(build, 'build.json');
    await writeFile(path, (await readFile(path, 'utf8')).replace('"contexts": 75', '"contexts": 76'));
    await refused(/contexts\.parquet: has 75 rows, build\.json says 76/);
  });

  it('is refused when build.json has another format', async () => {
    const path = join(build, 'build.json');
    await writeFile(path, (await readFile(path, 'utf8')).replace('"format": 1', '"format": 2'));
    await refused(/build\.json: format/);
  });

  it.each([
    [
      'lacks a column',
      'popular',
      `SELECT '' AS market, 0 AS ordinal FROM range(100)`,
      /popular\.parquet: has no column score/,
    ],
    [
      'has no list for everywhere',
      'popular',
      `SELECT 'DE' AS market, 0 AS ordinal, 1.0 AS score FROM range(100)`,
      /popular\.parquet: has no rows of market ''/,
    ],
    [
      'names an unknown track',
      'contexts',
      `SELECT 'c' AS context_id, 300 AS ordinal FROM range(75)`,
      /contexts\.parquet: has ordinal 300, allowed are 0 to 299/,
    ],
    [
      'names an unknown listener',
      'heard',
      `SELECT 'nobody' AS listener_id, 'track-000001' AS track_id FROM range(720)`,
      /heard\.parquet: "nobody" is not in listeners\.parquet/,
    ],
  ] as const)('is refused when a file %s', async (_what, file, query, message) => {
    await writeParquet(build, file, query);
    await refused(message);
  });
});
