/** A rival's server as a child process on a free loopback port. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../test/servers.js';

export interface RivalServer {
  readonly url: string;
  stop(): Promise<void>;
}

const READY_WITHIN_MS = 60_000;

/**
 * @param argumentsFor of the command, for a port
 * @throws Error with what the server said, when it does not answer /healthz
 */
export async function startRival(
  command: string,
  argumentsFor: (port: number) => readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<RivalServer> {
  const port = await freePort();
  const child = spawn(command, argumentsFor(port), {
    env: { ...process.env, ...env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const killed = (): void => {
    child.kill('SIGTERM');
  };
  process.once('exit', killed);
  const ended = once(child, 'exit');
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4000);
  });
  const url = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    process.off('exit', killed);
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await ended;
  };
  const untilMs = performance.now() + READY_WITHIN_MS;
  while (performance.now() < untilMs && child.exitCode === null) {
    try {
      if ((await fetch(`${url}/healthz`)).ok) return { url, stop };
    } catch {
      // Not listening yet.
    }
    await sleep(50);
  }
  await stop();
  throw new Error(`${command} did not answer: ${said}`);
}
