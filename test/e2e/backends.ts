/** The servers behind a service on Bigtable and Memcached. */
import { startServer, type TestServer } from '../servers.js';

export interface Backends {
  readonly bigtable: TestServer;
  readonly memcached: TestServer;
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

export async function startBackends(): Promise<Backends> {
  const bigtable = await startServer('bigtable-emulator');
  const memcached = await startServer('memcached');
  return {
    bigtable,
    memcached,
    env: {
      SEGUE_STORE: 'bigtable',
      SEGUE_BIGTABLE_PROJECT: 'test',
      SEGUE_BIGTABLE_INSTANCE: 'test',
      SEGUE_BIGTABLE_EMULATOR_HOST: `127.0.0.1:${bigtable.port}`,
      SEGUE_CACHE: 'memcached',
      SEGUE_MEMCACHED_SERVERS: `127.0.0.1:${memcached.port}`,
    },
    stop: async () => {
      await bigtable.stop();
      await memcached.stop();
    },
  };
}
