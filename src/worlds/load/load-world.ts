/**
 * A build becomes a generation: claim a name, write the tables beside the live ones, and move the pointer last. A load that
 * was killed goes on with the first table that is not complete, when the same build is loaded again.
 */
import { SegueError } from '../../errors.js';
import type { RowStore, RowWrite } from '../../store/row-store.js';
import { generationTable, type GenerationTable } from '../../store/tables.js';
import { decodeCatalogue } from '../catalogue-file.js';
import { catalogueRows, fetchCatalogue } from '../catalogue-store.js';
import { WORLDS_TABLE } from '../pointer.js';
import type { Catalogue } from '../world.js';
import { readBuild, type Build } from './build-dir.js';
import { claimLoad, type Clock, type Wish } from './claim.js';
import { collect, collectSuperseded } from './collect.js';
import { contextRows } from './context-rows.js';
import type { LoadLease } from './lease.js';
import { listenerRows } from './listener-rows.js';
import { neighbourRows } from './neighbour-rows.js';
import type { OwnerId } from './owner.js';
import { ParquetDirectory } from './parquet.js';
import { readCatalogueTables } from './read-catalogue-tables.js';
import { useGeneration } from './use-generation.js';

export interface LoadOptions extends Wish {
  readonly store: RowStore;
  readonly owner: OwnerId;
  readonly clock: Clock;
  /** Told often: rows done of `total`; the total is an upper bound. */
  readonly onProgress: (table: GenerationTable, done: number, total: number) => void;
}

export interface LoadResult {
  readonly generation: string;
  readonly dataFingerprint: string;
  /** `already`: this build was loaded before, and only the pointer was made sure of. */
  readonly outcome: 'loaded' | 'already';
  /** Rows by table. */
  readonly tables: Readonly<Record<string, number>>;
  /** Generations that were dropped, as two are kept. */
  readonly dropped: readonly string[];
}

interface Loading {
  readonly build: Build;
  readonly parquet: ParquetDirectory;
  readonly store: RowStore;
  readonly lease: LoadLease;
  readonly onProgress: LoadOptions['onProgress'];
}

/**
 * @throws SegueError SEGUE_INVALID_ARGUMENT when the build is incomplete or corrupt, naming the file and the reason;
 *   SEGUE_UNAVAILABLE when another process loads the same generation
 * @throws StoreError
 */
export async function loadWorld(directory: string, options: LoadOptions): Promise<LoadResult> {
  const { store, owner, clock } = options;
  const build = await readBuild(directory);
  const { dataFingerprint } = build;
  await store.createTable(WORLDS_TABLE);
  const claimed = await claimLoad({ store, build, owner, clock }, options);
  if ('ready' in claimed) {
    const dropped = await publish(store, claimed.ready, clock);
    return { generation: claimed.ready, dataFingerprint, outcome: 'already', tables: {}, dropped };
  }
  await using lease = claimed;
  await using parquet = await ParquetDirectory.open(directory);
  try {
    await writeTables({ build, parquet, store, lease, onProgress: options.onProgress });
  } catch (error) {
    // What was written of a build that is refused is of no use to a later load.
    if (error instanceof SegueError && error.code === 'SEGUE_INVALID_ARGUMENT') {
      await lease.end();
      await collect(store, lease.stored, owner);
    }
    throw error;
  }
  await lease.finish(clock.nowMs());
  const { generation, tables } = lease.record;
  const dropped = await publish(store, generation, clock);
  return { generation, dataFingerprint, outcome: 'loaded', tables, dropped };
}

async function publish(store: RowStore, generation: string, clock: Clock): Promise<string[]> {
  await useGeneration(store, generation, clock.nowMs());
  return collectSuperseded(store, clock.nowMs());
}

async function writeTables(loading: Loading): Promise<void> {
  const { build, parquet } = loading;
  const catalogue = await writeCatalogue(loading);
  const { counts } = build;
  await writeTable(loading, 'tracks', counts.tracks, neighbourRows(build, parquet, catalogue));
  await writeTable(loading, 'contexts', counts.contexts, contextRows(build, parquet, catalogue));
  await writeTable(loading, 'listeners', counts.listeners, listenerRows(build, parquet, catalogue));
}

async function writeCatalogue({ build, parquet, store, lease, onProgress }: Loading): Promise<Catalogue> {
  const { generation } = lease.record;
  if (lease.isDone('catalogue')) {
    const { file, digest } = await fetchCatalogue(store, generation);
    return decodeCatalogue(file, digest).catalogue;
  }
  const total = build.counts.tracks;
  const file = await readCatalogueTables(build, parquet, (read) => {
    onProgress('catalogue', read, total);
  });
  const table = generationTable('catalogue', generation);
  await store.createTable(table);
  const rows = await store.writeAll(
    table,
    lease.guard(catalogueRows(file), () => undefined),
    { signal: lease.signal },
  );
  await lease.tableDone('catalogue', rows);
  return decodeCatalogue(file).catalogue;
}

async function writeTable(
  { store, lease, onProgress }: Loading,
  name: GenerationTable,
  total: number,
  rows: AsyncIterable<RowWrite>,
): Promise<void> {
  if (lease.isDone(name)) return;
  const table = generationTable(name, lease.record.generation);
  let done = 0;
  await store.createTable(table);
  const guarded = lease.guard(rows, () => {
    onProgress(name, ++done, total);
  });
  const written = await store.writeAll(table, guarded, { signal: lease.signal });
  await lease.tableDone(name, written);
}
