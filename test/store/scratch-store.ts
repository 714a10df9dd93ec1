/** An LMDB store in a directory of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLmdbStore } from '../../src/store/lmdb/lmdb-store.js';
import type { RowStore } from '../../src/store/row-store.js';

export interface ScratchStore {
  readonly store: RowStore;
  remove(): Promise<void>;
}

export async function scratchStore(tables: readonly string[]): Promise<ScratchStore> {
  const dataDir = await mkdtemp(join(tmpdir(), 'segue-scratch-'));
  const store = openLmdbStore({ dataDir });
  for (const table of tables) await store.createTable(table);
  return {
    store,
    remove: async () => {
      await store.close();
      await rm(dataDir, { recursive: true });
    },
  };
}
