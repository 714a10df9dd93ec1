/** The processes of a service, and the memory they hold. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

interface Running {
  readonly pid: number;
  readonly parent: number;
  readonly rssBytes: number;
}

async function runningProcesses(): Promise<Running[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,rss=']);
  return stdout
    .trim()
    .split('\n')
    .map((line) => {
      const [pid = NaN, parent = NaN, kib = NaN] = line.trim().split(/\s+/).map(Number);
      return { pid, parent, rssBytes: kib * 1024 };
    });
}

export async function childrenOf(pid: number): Promise<number[]> {
  return (await runningProcesses()).filter(({ parent }) => parent === pid).map((child) => child.pid);
}

/** Resident bytes of a process and its children together; pages that they share count for each. */
export async function rssOf(pid: number): Promise<number> {
  const own = (await runningProcesses()).filter((one) => one.pid === pid || one.parent === pid);
  return own.reduce((sum, { rssBytes }) => sum + rssBytes, 0);
}
