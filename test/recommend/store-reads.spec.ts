import { ListenerCache } from '../../src/listeners/listener-cache.js';
import type { RelatedRows } from '../../src/recommend/reads.js';
import { StoreReads } from '../../src/recommend/store-reads.js';
import { wholeReads } from '../../src/store/row-reads.js';
import type { Row, RowRef } from '../../src/store/row-store.js';
import { SharedReads } from '../../src/store/shared-reads.js';
import { rowKey } from '../../src/store/tables.js';
import { NeighbourCache } from '../../src/worlds/neighbour-cache.js';
import { packContextTracks, packNeighbours } from '../../src/worlds/track-rows.js';
import { smallWorld } from '../fixtures/small-world.js';
import { scratchStore, type ScratchStore } from '../store/scratch-store.js';

const TRACKS = 10;
const world = smallWorld(Array.from({ length: TRACKS }, () => ({})));
const next = smallWorld(
  Array.from({ length: TRACKS }, () => ({})),
  'g-next',
);
const seeds = (...ordinals: number[]): Uint32Array => Uint32Array.from(ordinals);
/** The first neighbour of each seed. */
const firsts = ({ neighbours }: RelatedRows): (number | undefined)[] => neighbours.map((list) => list?.ordinals[0]);

describe('what is related to the tracks being played', () => {
  let scratch: ScratchStore;
  let keys: string[];
  let corrupt: string[];
  let missingTables: number;
  let cache: NeighbourCache;
  let listeners: ListenerCache;
  let reads: StoreReads;

  beforeEach(async () => {
    scratch = await scratchStore(
      ['listeners', 'tracks', 'contexts'].flatMap((table) => [`${table}.g-test`, `${table}.g-next`]),
    );
    // Track i is followed by i + 1, in the next world by i + 2; the last by none.
    for (let i = 0; i < TRACKS - 1; i++) await putNeighbours('g-test', i, (i + 1) % TRACKS);
    for (let i = 0; i < TRACKS - 1; i++) await putNeighbours('g-next', i, (i + 2) % TRACKS);
    await put('contexts.g-test', 'context', 'tracks', packContextTracks(0, seeds(4, 2)));
    keys = [];
    corrupt = [];
    missingTables = 0;
    cache = new NeighbourCache(100_000);
    cache.serve('g-test', TRACKS);
    listeners = new ListenerCache(100_000);
    listeners.serve('g-test');
    reads = readsOver({
      readEach: (refs, options) => {
        keys.push(...refs.map(({ key }) => key.slice(3)));
        return wholeReads(scratch.store).readEach(refs, options);
      },
    });
  });

  afterEach(() => scratch.remove());

  const readsOver = (rows: ConstructorParameters<typeof StoreReads>[0]): StoreReads =>
    new StoreReads(
      rows,
      {
        corrupt: (table) => corrupt.push(table),
        missingTable: () => missingTables++,
      },
      { neighbours: cache, listeners },
    );

  const put = (table: string, id: string, column: string, value: Uint8Array): Promise<void> =>
    scratch.store.mutate({ table, key: rowKey(id) }, { set: [[column, value]] });

  const putNeighbours = (generation: string, ordinal: number, neighbour: number): Promise<void> =>
    put(
      `tracks.${generation}`,
      `t${ordinal}`,
      'neighbours',
      packNeighbours(0, { ordinals: seeds(neighbour), scores: Float32Array.of(0.5) }),
    );

  it('is read and decoded once, also that a track has no neighbours', async () => {
    const asked = seeds(3, 9, 0, 3);
    for (let round = 0; round < 3; round++) {
      expect(firsts(await reads.related(world, asked, undefined, {}))).toEqual([4, undefined, 1, 4]);
    }
    expect(keys).toEqual(['t3', 't9', 't0', 't3']);
    expect(await reads.related(world, seeds(0, 5), 'context', {})).toMatchObject({
      context: seeds(4, 2),
      failure: undefined,
    });
    expect(keys.slice(4)).toEqual(['t5', 'context']);
  });

  it('is that of the world which the request has pinned', async () => {
    await reads.related(world, seeds(3), undefined, {});
    cache.serve('g-next', TRACKS);
    expect(firsts(await reads.related(next, seeds(3), undefined, {}))).toEqual([5]);
    expect(firsts(await reads.related(world, seeds(3), undefined, {}))).toEqual([4]);
    expect(firsts(await reads.related(next, seeds(3), undefined, {}))).toEqual([5]);
    expect(keys).toEqual(['t3', 't3', 't3']);
  });

  it('is what is in memory where the store fails, with the reason', async () => {
    await reads.related(world, seeds(0, 1), undefined, {});
    await scratch.store.dropTable('tracks.g-test');
    const related = await reads.related(world, seeds(0, 1, 2), 'context', {});
    expect(firsts(related)).toEqual([1, 2, undefined]);
    expect(related).toMatchObject({ context: undefined, failure: { reason: 'no-table' } });
    expect(missingTables).toBe(1);
    await expect(reads.related(world, seeds(2, 3), 'context', {})).rejects.toMatchObject({ reason: 'no-table' });
  });

  it('is not taken for absent while its table is missing', async () => {
    await scratch.store.dropTable('tracks.g-test');
    await expect(reads.related(world, seeds(2), undefined, {})).rejects.toMatchObject({ reason: 'no-table' });
    await scratch.store.createTable('tracks.g-test');
    await putNeighbours('g-test', 2, 7);
    expect(firsts(await reads.related(world, seeds(2), undefined, {}))).toEqual([7]);
  });

  it('counts as absent where it is corrupt, each time it is read', async () => {
    await put('tracks.g-test', 't4', 'neighbours', Buffer.from('no message'));
    for (let round = 0; round < 2; round++) {
      expect(firsts(await reads.related(world, seeds(4, 5), undefined, {}))).toEqual([undefined, 6]);
    }
    expect(corrupt).toEqual(['tracks', 'tracks']);
    expect(keys).toEqual(['t4', 't5', 't4']);
  });

  it('has the part of one table when the call of another fails', async () => {
    const failing = {
      read: (refs: readonly RowRef[]): Promise<(Row | undefined)[]> =>
        refs.some(({ table }) => table.startsWith('contexts'))
          ? Promise.reject(new Error('down'))
          : scratch.store.read(refs),
    };
    const limits = { keysPerCallMax: 8, callsBeforeCollecting: 2, collectMs: 1, flightsMax: 20, flightMsMax: 1000 };
    const related = await readsOver(new SharedReads(failing, limits)).related(world, seeds(6), 'context', {});
    expect(firsts(related)).toEqual([7]);
    expect(related).toMatchObject({ context: undefined, failure: { reason: 'error' } });
  });
});
