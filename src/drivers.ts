/** Which driver the configuration means: the one place, with `app.module.ts` and `cli.ts`, that names one. */
import type { Cache } from './cache/cache.js';
import { createMemcachedCache } from './cache/memcached-cache.js';
import { createMemoryCache } from './cache/memory-cache.js';
import { createNoCache } from './cache/switched-off.js';
import { createTieredCache } from './cache/tiered-cache.js';
import type { Config } from './config.js';
import { openBigtableStore } from './store/bigtable/bigtable-store.js';
import { openLmdbStore } from './store/lmdb/lmdb-store.js';
import type { RowStore } from './store/row-store.js';

export function openConfiguredStore({ store, dataDir, bigtable }: Config): RowStore {
  if (store === 'lmdb') return openLmdbStore({ dataDir });
  const { project = '', instance = '', appProfile, emulatorHost } = bigtable;
  return openBigtableStore({
    projectId: project,
    instanceId: instance,
    ...(appProfile === undefined ? {} : { appProfileId: appProfile }),
    ...(emulatorHost === undefined ? {} : { emulatorHost }),
  });
}

export function openScratchStore(directory: string): RowStore {
  return openLmdbStore({ dataDir: directory });
}

export function openConfiguredCache({ cache, memcached }: Config): Cache {
  if (cache === 'off') return createNoCache();
  if (cache === 'memory') return createMemoryCache();
  const remote = createMemcachedCache({ servers: memcached.servers, timeoutMs: memcached.timeoutMs });
  return createTieredCache({ memory: createMemoryCache(), remote });
}
