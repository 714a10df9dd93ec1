import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLmdbStore } from '../../src/store/lmdb/lmdb-store.js';
import { rowStoreContract } from './row-store.contract.js';

describe('row store on LMDB', () => {
  rowStoreContract(async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'segue-lmdb-'));
    return {
      open: () => openLmdbStore({ dataDir }),
      stop: () => rm(dataDir, { recursive: true }),
    };
  });
});
