/** The Bigtable emulator with the demo world in it: loaded once a run, for all scenarios that read from it. */
import { openBigtableStore } from '../src/store/bigtable/bigtable-store.js';
import { LIVE_TABLES } from '../src/store/tables.js';
import { segueDone } from '../test/cli.js';
import { startServer } from '../test/servers.js';
import type { BenchContext } from './context.js';
import { DEMO_BUILD } from './demo.js';

const PROJECT = { projectId: 'bench', instanceId: 'bench' } as const;

export interface DemoInBigtable {
  readonly port: number;
  readonly projectId: string;
  readonly instanceId: string;
  /** `127.0.0.1` and the port. */
  readonly emulatorHost: string;
  /** For the service and its command. */
  readonly env: Readonly<Record<string, string>>;
}

/** @throws Error that says how to get the emulator where it is missing */
export function demoInBigtable(context: BenchContext): Promise<DemoInBigtable> {
  return context.shared('demo in Bigtable', async () => {
    const emulator = await startServer('bigtable-emulator');
    context.atEnd(() => emulator.stop());
    const emulatorHost = `127.0.0.1:${emulator.port}`;
    const env = {
      SEGUE_STORE: 'bigtable',
      SEGUE_BIGTABLE_PROJECT: PROJECT.projectId,
      SEGUE_BIGTABLE_INSTANCE: PROJECT.instanceId,
      SEGUE_BIGTABLE_EMULATOR_HOST: emulatorHost,
    };
    context.progress('loading the demo world into Bigtable');
    const store = openBigtableStore({ ...PROJECT, emulatorHost });
    for (const table of LIVE_TABLES) await store.createTable(table);
    await store.close();
    await segueDone(['load', DEMO_BUILD], env);
    return { port: emulator.port, ...PROJECT, emulatorHost, env };
  });
}
