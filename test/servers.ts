/** Real servers for tests: started as child processes on free loopback ports, stopped by their pid. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pauseProcess } from './pause-process.js';

export type ServerName = 'memcached' | 'bigtable-emulator';

interface Program {
  /** Environment variable with a path that overrides the search. */
  readonly override: string;
  readonly candidates: () => string[];
  readonly arguments: (port: number) => string[];
  readonly install: string;
}

const goPath = (): string => process.env.GOPATH ?? join(homedir(), 'go');

const PROGRAMS: Readonly<Record<ServerName, Program>> = {
  memcached: {
    override: 'SEGUE_TEST_MEMCACHED',
    candidates: () => [...inPath('memcached'), '/usr/bin/memcached', '/opt/homebrew/bin/memcached'],
    arguments: (port) => [
      ...['-l', '127.0.0.1', '-p', String(port), '-U', '0', '-m', '64', '-t', '1'],
      ...(process.getuid?.() === 0 ? ['-u', 'root'] : []),
    ],
    install: "install Debian's package memcached (apt-get install memcached; brew install memcached)",
  },
  'bigtable-emulator': {
    override: 'SEGUE_TEST_BIGTABLE_EMULATOR',
    candidates: () => [
      ...inPath('cbtemulator'),
      '/usr/lib/google-cloud-sdk/platform/bigtable-emulator/cbtemulator',
      join(homedir(), 'google-cloud-sdk/platform/bigtable-emulator/cbtemulator'),
      join(goPath(), 'bin/emulator'),
    ],
    arguments: (port) => ['-host', '127.0.0.1', '-port', String(port)],
    install: 'gcloud components install bigtable, or go install cloud.google.com/go/bigtable/cmd/emulator@latest',
  },
};

function inPath(name: string): string[] {
  return (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Path of the server's program, if this machine has it. */
export function findServer(name: ServerName): string | undefined {
  const override = process.env[PROGRAMS[name].override];
  return (override === undefined ? PROGRAMS[name].candidates() : [override]).find(isExecutable);
}

/** A suite that needs servers. Without one it is skipped with a line that says so; with CI=true it fails. */
export function describeWithServers(title: string, servers: readonly ServerName[], suite: () => void): void {
  const missing = servers.filter((name) => findServer(name) === undefined);
  if (missing.length === 0) {
    describe(title, suite);
    return;
  }
  const line = missing.map((name) => `${name} is missing: ${PROGRAMS[name].install}`).join('; ');
  if (process.env.CI === 'true') {
    describe(title, () => {
      it(`needs ${missing.join(' and ')}`, () => {
        throw new Error(line);
      });
    });
    return;
  }
  process.stderr.write(`skipped "${title}": ${line}\n`);
  describe.skip(title, suite);
}

/** Where util-linux has it: the kernel ends the server when the test process is killed before it can. */
function dyingWithParent(): string[] {
  const setpriv = process.platform === 'linux' ? inPath('setpriv').find(isExecutable) : undefined;
  return setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL', '--'];
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A started server; it can be stopped and started again on the same port. */
export class TestServer {
  readonly host = '127.0.0.1';
  private child: ChildProcess | undefined;

  constructor(
    readonly name: ServerName,
    readonly port: number,
  ) {}

  /** Resolves when the server takes connections. */
  async start(): Promise<void> {
    const program = findServer(this.name);
    if (program === undefined) throw new Error(`${this.name} is missing: ${PROGRAMS[this.name].install}`);
    const command = [...dyingWithParent(), program, ...PROGRAMS[this.name].arguments(this.port)];
    const child = spawn(command[0] ?? program, command.slice(1), { stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (text: Buffer) => {
      errors = (errors + text.toString()).slice(-2000);
    });
    running.add(child);
    child.once('exit', () => running.delete(child));
    child.once('error', () => running.delete(child));
    this.child = child;
    for (let tries = 0; tries < 500; tries++) {
      if (await accepts(this.port)) return;
      if (child.exitCode !== null || child.signalCode !== null) break;
      await sleep(20);
    }
    await this.stop();
    throw new Error(`${program} did not listen on port ${this.port}: ${errors}`);
  }

  /** Resolves when the process has ended. */
  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    // A paused process takes no other signal than SIGKILL until it goes on.
    child.kill('SIGCONT');
    await ended;
  }

  /** Resolves when the process answers nothing more; its connections stay open. */
  async pause(): Promise<void> {
    if (this.child === undefined) throw new Error(`${this.name} is not running`);
    await pauseProcess(this.child);
  }

  resume(): void {
    this.child?.kill('SIGCONT');
  }
}

/** Starts a server on a free port. */
export async function startServer(name: ServerName): Promise<TestServer> {
  for (let tries = 1; ; tries++) {
    const server = new TestServer(name, await freePort());
    try {
      await server.start();
      return server;
    } catch (error) {
      // Another process may have taken the port in between.
      if (tries === 3) throw error;
    }
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      socket.destroy();
      resolve(false);
    });
  });
}
