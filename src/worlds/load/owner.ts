/** Which process works on a load, and whether it is gone. */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

export interface OwnerId {
  /** Host, its boot and its space of process numbers: only there does the process number mean anything. */
  readonly host: string;
  readonly pid: number;
  /** Distinguishes a later process of the same number; '' where the system does not tell. */
  readonly started: string;
}

/** `unknown`: the process is on another host. */
export type Liveness = 'running' | 'gone' | 'unknown';

function tryRead(read: () => string): string {
  try {
    return read().trim();
  } catch {
    return '';
  }
}

/** Start of a process in clock ticks since boot: field 22 of /proc/<pid>/stat, counted after the name in parentheses. */
function startedOf(pid: number): string {
  const stat = tryRead(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function thisHost(): string {
  const boot = tryRead(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'));
  const processes = tryRead(() => readlinkSync('/proc/self/ns/pid'));
  return [hostname(), boot, processes].join('/');
}

export function thisProcess(): OwnerId {
  return { host: thisHost(), pid: process.pid, started: startedOf(process.pid) };
}

export function livenessOf(owner: OwnerId): Liveness {
  if (owner.host !== thisHost()) return 'unknown';
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    // EPERM: it runs, as another user.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return 'gone';
  }
  return startedOf(owner.pid) === owner.started ? 'running' : 'gone';
}
