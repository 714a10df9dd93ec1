/** One writer a slot directory: a lock file that names its process. */
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EventLogError } from './event-log.js';
import { codeOf } from './log-files.js';

export interface SlotLock {
  release(): Promise<void>;
}

let attempts = 0;

interface Holder {
  readonly pid: number;
  /** Of the process, so that a pid which was given out again is not taken for the holder. */
  readonly start: string;
}

/**
 * Takes the lock of a slot, also from a process that died with it.
 * @throws EventLogError `locked` while its holder lives
 */
export async function lockSlot(directory: string): Promise<SlotLock> {
  const path = join(directory, 'lock');
  const own = `${path}.${process.pid}-${attempts++}`;
  const holder: Holder = { pid: process.pid, start: (await startOf(process.pid)) ?? '' };
  await writeFile(own, JSON.stringify(holder));
  try {
    // A link fails where the name exists, and the file is whole when it appears.
    for (let attempt = 0; attempt < 3; attempt++) {
      if (await linked(own, path)) {
        return { release: () => rm(path, { force: true }) };
      }
      const found = await readFile(path, 'utf8').catch(() => '');
      const other = holderOf(found);
      if (other !== undefined && (await lives(other))) throw locked(directory, other.pid);
      await breakLock(path, found, `${own}.stale`);
    }
  } finally {
    await rm(own, { force: true });
  }
  throw locked(directory, undefined);
}

/** Moves a dead process's lock away; puts it back if meanwhile it has become another's. */
async function breakLock(path: string, found: string, aside: string): Promise<void> {
  try {
    await rename(path, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  if ((await readFile(aside, 'utf8')) !== found) await linked(aside, path);
  await rm(aside, { force: true });
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function holderOf(text: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('pid' in value) || !('start' in value)) return undefined;
    const { pid, start } = value;
    return typeof pid === 'number' && typeof start === 'string' ? { pid, start } : undefined;
  } catch {
    return undefined;
  }
}

async function lives(holder: Holder): Promise<boolean> {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false;
  }
  const start = await startOf(holder.pid);
  return start === undefined || holder.start === '' || start === holder.start;
}

/** Boot and clock tick at which a process started, from proc(5); `undefined` where the system does not tell. */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    const [stat, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    ]);
    // The command, in parentheses, may hold spaces; the start is the 20th field after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie writes no more, even before its parent has asked for its end.
    return fields[0] === 'Z' ? 'ended' : `${boot.trim()}:${fields[19] ?? ''}`;
  } catch {
    return undefined;
  }
}

function locked(directory: string, pid: number | undefined): EventLogError {
  const by = pid === undefined ? 'other processes' : `process ${pid}`;
  return new EventLogError('locked', `event log ${directory} is being written by ${by}`);
}
