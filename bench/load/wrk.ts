/** Throughput by wrk: requests as fast as so many connections take them. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { median } from '../report/statistics.js';

const run = promisify(execFile);
const SCRIPT = join('bench', 'load', 'rotate.lua');

export interface WrkOptions {
  readonly url: string;
  readonly bodiesFile: string;
  readonly connections: number;
  readonly seconds: number;
}

export interface WrkRun {
  readonly connections: number;
  readonly requestsPerSecond: number;
  readonly requests: number;
  /** Statuses over 399 and broken connections. */
  readonly failed: number;
}

interface Done {
  readonly requests: number;
  readonly microseconds: number;
  readonly status: number;
  readonly connect: number;
  readonly read: number;
  readonly write: number;
  readonly timeout: number;
}

/** @throws Error that says how to install wrk where it is missing */
export async function wrk({ url, bodiesFile, connections, seconds }: WrkOptions): Promise<WrkRun> {
  // wrk takes whole seconds alone.
  const whole = Math.max(1, Math.round(seconds));
  const options = ['-t1', `-c${connections}`, `-d${whole}s`, '-s', SCRIPT, url, '--', bodiesFile];
  let stdout: string;
  try {
    ({ stdout } = await run('wrk', options));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new Error("wrk is missing: install Debian's package wrk (apt-get install wrk; brew install wrk)", {
        cause: error,
      });
    }
    throw error;
  }
  const done = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Done;
  return {
    connections,
    requestsPerSecond: (done.requests * 1e6) / done.microseconds,
    requests: done.requests,
    failed: done.status + done.connect + done.read + done.write + done.timeout,
  };
}

/** Brings a server that has just started up to speed. */
export async function warmUp(url: string, bodiesFile: string, seconds: number): Promise<void> {
  await wrk({ url, bodiesFile, connections: 16, seconds });
}

export interface Saturation {
  /** The best of the numbers of connections, each the median of its rounds. */
  readonly requestsPerSecond: number;
  readonly byConnections: readonly { readonly connections: number; readonly requestsPerSecond: number }[];
  /** The best of each round. */
  readonly byRound: readonly number[];
  readonly requests: number;
  readonly failed: number;
}

/** @param runs each number of connections once a round, round after round */
export function bestOf(runs: readonly WrkRun[]): Saturation {
  const numbers = [...new Set(runs.map(({ connections }) => connections))];
  const byConnections = numbers.map((connections) => ({
    connections,
    requestsPerSecond: median(
      runs.filter((one) => one.connections === connections).map(({ requestsPerSecond }) => requestsPerSecond),
    ),
  }));
  const rounds = Array.from({ length: runs.length / numbers.length }, (_, round) =>
    runs.slice(round * numbers.length, (round + 1) * numbers.length),
  );
  return {
    requestsPerSecond: Math.max(...byConnections.map(({ requestsPerSecond }) => requestsPerSecond)),
    byConnections,
    byRound: rounds.map((ofRound) => Math.max(...ofRound.map(({ requestsPerSecond }) => requestsPerSecond))),
    requests: runs.reduce((sum, { requests }) => sum + requests, 0),
    failed: runs.reduce((sum, { failed }) => sum + failed, 0),
  };
}
