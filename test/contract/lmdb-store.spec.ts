import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLmdbStore } from '../../src/store/lmdb/lmdb-store.js';
import { rowStoreContract, type StoreUnderTest } from './row-store.contract.js';
import { sharedReadsContract } from './shared-reads.contract.js';

async function start(): Promise<StoreUnderTest> {
  const dataDir = await mkdtemp(join(tmpdir(), 'segue-lmdb-'));
  return {
    open: () => openLmdbStore({ dataDir }),
    stop: () => rm(dataDir, { recursive: true }),
  };
}

describe('row store on LMDB', () => {
  rowStoreContract(start);
});

describe('shared reads on LMDB', () => {
  sharedReadsContract(start);
});

describe('a data file of LMDB', () => {
  let dataDir: string;
  let path: string;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'segue-lmdb-'));
    path = join(dataDir, 'live', 'data.mdb');
    await mkdir(join(dataDir, 'live'));
  });

  afterEach(() => rm(dataDir, { recursive: true }));

  async function creating(): Promise<unknown> {
    const store = openLmdbStore({ dataDir });
    try {
      return await store.createTable('sessions').catch((error: unknown) => error);
    } finally {
      await store.close();
    }
  }

  it('that holds something else is refused', async () => {
    await writeFile(path, randomBytes(100_000));
    expect(await creating()).toMatchObject({
      reason: 'unavailable',
      message: expect.stringContaining(dataDir) as string,
    });
  });

  it('that was cut off in its head is refused', async () => {
    expect(await creating()).toBeUndefined();
    await truncate(path, 4096);
    expect(await creating()).toMatchObject({ reason: 'unavailable' });
  });

  it('that is empty is begun', async () => {
    await writeFile(path, '');
    expect(await creating()).toBeUndefined();
  });
});
