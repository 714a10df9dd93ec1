/** The built service as a process of its own, on free ports and with a data directory of its own; for tests and benchmarks. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BUILT_MAIN } from './built.js';

export interface Service {
  readonly url: string;
  readonly grpcAddress: string;
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly pid: number;
  /** The last lines it logged. */
  readonly said: () => string;
  /** Ends it as an orchestrator would, and resolves with its exit code. */
  terminate(): Promise<number | null>;
  /** Ends it and its processes at once. */
  kill(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** Whoever started them may end before it stopped them; in groups of their own, they would go on. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) killGroup(child);
});

const READY_WITHIN_MS = 120_000;
const SAID_CHARACTERS = 20_000;

/** @param env further `SEGUE_*` variables; give `SEGUE_DATA_DIR` and ports to start again where another ended */
export async function startService(env: Readonly<Partial<Record<string, string>>>): Promise<Service> {
  const dataDir = env.SEGUE_DATA_DIR ?? (await mkdtemp(join(tmpdir(), 'segue-service-')));
  const variables = {
    SEGUE_HTTP_PORT: String(await freePort()),
    SEGUE_GRPC_PORT: String(await freePort()),
    SEGUE_LOG_LEVEL: 'warn',
    ...env,
    SEGUE_DATA_DIR: dataDir,
  };
  // A group of its own, so that `kill` reaches the processes of a cluster too.
  const child = spawn(process.execPath, ['--enable-source-maps', BUILT_MAIN], {
    env: { ...withoutSegue(process.env), ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let said = '';
  const listen = (text: string): void => {
    said = (said + text).slice(-SAID_CHARACTERS);
  };
  child.stdout.setEncoding('utf8').on('data', listen);
  child.stderr.setEncoding('utf8').on('data', listen);
  running.add(child);
  child.once('exit', () => running.delete(child));
  const exited = once(child, 'exit');
  const end = async (): Promise<number | null> => {
    if (isRunning(child)) child.kill('SIGTERM');
    await exited;
    return child.exitCode;
  };
  const kill = async (): Promise<void> => {
    killGroup(child);
    await exited;
  };
  const service: Service = {
    url: `http://127.0.0.1:${variables.SEGUE_HTTP_PORT}`,
    grpcAddress: `127.0.0.1:${variables.SEGUE_GRPC_PORT}`,
    dataDir,
    env: variables,
    pid: child.pid ?? 0,
    said: () => said,
    terminate: end,
    kill,
    stop: async () => {
      await end();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  await untilReady(service, child);
  return service;
}

/** Nothing of the surrounding configuration reaches the service. */
function withoutSegue(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !name.startsWith('SEGUE_') && !name.startsWith('OTEL_') && name !== 'NODE_OPTIONS',
    ),
  );
}

function killGroup(child: ChildProcess): void {
  if (isRunning(child) && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

async function untilReady(service: Service, child: ChildProcess): Promise<void> {
  const until = Date.now() + READY_WITHIN_MS;
  while (Date.now() < until) {
    if (!isRunning(child)) throw new Error(`the service ended before it was ready:\n${service.said()}`);
    try {
      // A connection that is kept would make the service wait for it when it ends.
      if ((await fetch(`${service.url}/readyz`, { headers: { connection: 'close' } })).ok) return;
    } catch {
      // Not listening yet.
    }
    await sleep(50);
  }
  await service.kill();
  throw new Error(`the service was not ready within ${READY_WITHIN_MS / 1000} s:\n${service.said()}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
