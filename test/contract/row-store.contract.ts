/** What every row store does; run against each driver with its real server. */
import type { RowStore } from '../../src/store/row-store.js';
import { changingContract } from './row-store/changing.js';
import { manyRowsContract } from './row-store/many-rows.js';
import { readingContract } from './row-store/reading.js';
import { tablesContract } from './row-store/tables.js';

export interface StoreUnderTest {
  /** A client of data that the other clients of the same test see. */
  readonly open: () => RowStore | Promise<RowStore>;
  readonly stop: () => Promise<void>;
}

/** @param start gives each test fresh, empty data */
export function rowStoreContract(start: () => Promise<StoreUnderTest>): void {
  let under: StoreUnderTest;
  let store: RowStore;

  beforeEach(async () => {
    under = await start();
    store = await under.open();
    await store.createTable('sessions');
  });

  afterEach(async () => {
    await store.close();
    await under.stop();
  });

  for (const part of [readingContract, changingContract, manyRowsContract, tablesContract]) {
    part(() => ({ store, open: under.open }));
  }
}
