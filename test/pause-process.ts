/** Stops a process where it stands, as a debugger would: it keeps its connections and locks, and does nothing with them. */
import { execFile, type ChildProcess } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { eventually } from './eventually.js';

const run = promisify(execFile);

/**
 * Resolves once no thread of the process runs any more; SIGCONT lets it go on. The signal alone is not enough: `kill` returns
 * before the process has taken it, and its threads stop one by one, so that meanwhile it still answers.
 * @throws Error where it has ended
 */
export async function pauseProcess(child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid === undefined || !child.kill('SIGSTOP')) throw new Error('the process has ended');
  // A second look sees a thread that another began after the first look at the list and before it stopped itself.
  await eventually(async () => ((await isStopped(pid)) && (await isStopped(pid)) ? true : undefined));
}

async function isStopped(pid: number): Promise<boolean> {
  const states = process.platform === 'linux' ? await threadStates(pid) : [await processState(pid)];
  return states.every((state) => state.startsWith('T'));
}

/** State of each thread: what follows the name in parentheses, which may itself hold any character. */
async function threadStates(pid: number): Promise<string[]> {
  const tasks = `/proc/${pid}/task`;
  const stats = (await readdir(tasks)).map((id) => readFile(`${tasks}/${id}/stat`, 'utf8'));
  return (await Promise.all(stats)).map((stat) => stat.slice(stat.lastIndexOf(')') + 2));
}

/** Where there is no /proc: macOS stops all threads of a process together. */
async function processState(pid: number): Promise<string> {
  return (await run('ps', ['-o', 'state=', '-p', String(pid)])).stdout.trim();
}
