/** One writer a slot directory: a lock file that names its process. */
import { randomUUID } from 'node:crypto';
import { link, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { EventLogError } from './event-log.js';
import { codeOf } from '../system-error.js';

export interface SlotLock {
  release(): Promise<void>;
}

/** Tries of one taker: others that break the same lock at the same time make it wait a few milliseconds each. */
const TRIES_MAX = 100;
const WAIT_MS_MAX = 5;
const FLAG = '.breaking';

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
  const own = `${path}.${randomUUID()}`;
  const holder: Holder = { pid: process.pid, start: (await startOf(process.pid)) ?? '' };
  await writeFile(own, JSON.stringify(holder));
  try {
    // A link fails where the name exists, and the file is whole when it appears.
    for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
      if (await linked(own, path)) {
        return { release: () => rm(path, { force: true }) };
      }
      const found = await readIfThere(path);
      if (found === undefined) continue;
      const other = await livingHolder(found);
      if (other !== undefined) throw locked(directory, other.pid);
      if (!(await breakLock(directory, own, found))) await setTimeout(Math.random() * WAIT_MS_MAX);
    }
  } finally {
    await rm(own, { force: true });
  }
  throw locked(directory, undefined);
}

/**
 * Removes a dead process's lock, unless another process is about to: each breaker shows a flag first and looks for others'
 * after, so of two at least one sees the other. Without that, a slow one would remove the lock that a faster one has taken.
 */
async function breakLock(directory: string, own: string, found: string): Promise<boolean> {
  const flag = `${own}${FLAG}`;
  await link(own, flag);
  try {
    if (await othersBreak(directory, basename(flag))) return false;
    const path = join(directory, 'lock');
    if ((await readIfThere(path)) === found) await rm(path, { force: true });
    return true;
  } finally {
    await rm(flag, { force: true });
  }
}

async function othersBreak(directory: string, flag: string): Promise<boolean> {
  for (const name of await readdir(directory)) {
    if (!name.endsWith(FLAG) || name === flag) continue;
    const path = join(directory, name);
    const text = await readIfThere(path);
    if (text === undefined) continue;
    if ((await livingHolder(text)) !== undefined) return true;
    await rm(path, { force: true });
  }
  return false;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function livingHolder(text: string): Promise<Holder | undefined> {
  const holder = holderOf(text);
  return holder !== undefined && (await lives(holder)) ? holder : undefined;
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
