/** The first start: where the store has no world yet, the demo world is loaded into it. */
import { spawn } from 'node:child_process';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Log } from '../log.js';
import { PACKAGE_ROOT } from '../package-root.js';

const DEMO = join(PACKAGE_ROOT, 'data', 'demo', 'world');
const CLI = fileURLToPath(new URL('../cli.js', import.meta.url));

/** Runs `segue load` on the demo world as a process of its own, so that what loading needs is gone afterwards. Failing is no harm: without a world, the service waits for one. */
export async function loadDemoWorld(log: Log): Promise<void> {
  try {
    await access(DEMO);
  } catch {
    log.warn({ path: DEMO }, 'there is no demo world here; load a world with `segue load`');
    return;
  }
  log.info('there is no world yet: loading the demo world');
  await new Promise<void>((resolve) => {
    const child = spawn(process.execPath, [CLI, 'load', DEMO], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-2_000);
    });
    child.once('error', (error) => {
      log.error({ err: error }, 'the demo world could not be loaded');
      resolve();
    });
    child.once('exit', (code) => {
      if (code === 0) log.info('the demo world is loaded');
      else log.error({ code, said }, 'the demo world could not be loaded');
      resolve();
    });
  });
}
