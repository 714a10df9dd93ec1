/** What `main.ts` runs: one process, or a primary and its serving processes. */
import cluster from 'node:cluster';
import { ConfigError, loadConfig, placeOfProcess, type Config } from '../config.js';
import { createLog } from '../log.js';
import { banner } from './banner.js';
import { tuneHeap } from './heap.js';
import { HopelessError } from './hopeless-error.js';
import { EXIT_HOPELESS, Primary } from './primary.js';
import type { Channel } from './scrape.js';
import type { Ports } from './servers.js';
import type { Compose } from './serving-process.js';

function configured(): Config {
  try {
    return loadConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.problems.join('\n')}\n`);
    process.exit(EXIT_HOPELESS);
  }
}

/** Calls back once, at the first SIGTERM or SIGINT. A second SIGINT ends the process at once. */
function onStop(stop: () => void): void {
  let stopping = false;
  const once = (signal: NodeJS.Signals): void => {
    if (stopping && signal === 'SIGINT' && process.stdin.isTTY) process.exit(130);
    if (!stopping) stop();
    stopping = true;
  };
  process.on('SIGTERM', once);
  process.on('SIGINT', once);
}

function announcer(config: Config, log: ReturnType<typeof createLog>): (ports: Ports) => void {
  return ({ httpPort, grpcPort }) => {
    if (process.stdout.isTTY) process.stdout.write(banner(config, { httpPort, grpcPort }));
    else log.info({ httpPort, grpcPort, processes: config.processes }, 'serving');
  };
}

function runPrimary(config: Config): void {
  const log = createLog(config.log.level, 'primary');
  const primary = new Primary(config, log, announcer(config, log));
  onStop(() => {
    primary.drain(0);
  });
  primary.start();
}

function channelToPrimary(): Channel | undefined {
  if (!cluster.isWorker) return undefined;
  return {
    // The callback takes the error of a channel that closes meanwhile.
    send: (message) => process.send?.(message, undefined, undefined, () => undefined),
    listen: (listener) => process.on('message', listener),
  };
}

async function runServing(config: Config, compose: Compose): Promise<void> {
  tuneHeap(config.store === 'bigtable');
  // The primary serves nothing and does not load what serves.
  const { startServing } = await import('./serving-process.js');
  const channel = channelToPrimary();
  const serving = await startServing(config, placeOfProcess(), compose, channel);
  const { log } = serving;
  onStop(() => {
    log.info('draining');
    serving.drain().then(
      (finished) => {
        if (!finished) log.warn('running requests were cut off');
        log.info('drained');
        process.exit(0);
      },
      (error: unknown) => {
        log.error({ err: error }, 'could not close everything');
        process.exit(1);
      },
    );
  });
  const ports = await serving.ready;
  if (channel === undefined) announcer(config, log)(ports);
  else channel.send({ segue: 'ready', ...ports });
}

function fail(error: unknown): never {
  const isHopeless = error instanceof HopelessError;
  const message = isHopeless ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`segue: ${message}\n`);
  process.exit(isHopeless ? EXIT_HOPELESS : 1);
}

/**
 * Runs until a signal ends it.
 *
 * @param prepare called once, before any serving process starts; throws HopelessError where none could serve
 */
export async function run(compose: Compose, prepare: (config: Config) => void): Promise<void> {
  const config = configured();
  try {
    if (cluster.isPrimary) prepare(config);
    if (config.processes > 1 && cluster.isPrimary) runPrimary(config);
    else await runServing(config, compose);
  } catch (error) {
    fail(error);
  }
}
