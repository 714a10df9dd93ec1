import { openBigtableStore } from '../../src/store/bigtable/bigtable-store.js';
import type { TestServer } from '../servers.js';
import { describeWithServers, startServer } from '../servers.js';
import { rowStoreContract, type StoreUnderTest } from './row-store.contract.js';
import { sharedReadsContract } from './shared-reads.contract.js';

describeWithServers('row store on Bigtable', ['bigtable-emulator'], () => {
  let emulator: TestServer;
  let instance = 0;

  beforeAll(async () => {
    emulator = await startServer('bigtable-emulator');
  });

  afterAll(async () => {
    await emulator.stop();
  });

  const start = (): Promise<StoreUnderTest> => {
    const instanceId = `i${++instance}`;
    return Promise.resolve({
      open: () => openBigtableStore({ projectId: 'segue', instanceId, emulatorHost: `127.0.0.1:${emulator.port}` }),
      stop: () => Promise.resolve(),
    });
  };

  rowStoreContract(start);

  describe('with shared reads', () => {
    sharedReadsContract(start);
  });
});
