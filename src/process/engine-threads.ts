/** The threads on which V8 compiles and collects garbage, beside those that run JavaScript. A priority is of a thread on Linux alone. */
import { readdirSync, readFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

const THREADS = '/proc/self/task';
const NAME = 'V8Worker';

/** Undefined once it has ended. */
function nameOf(thread: string): string | undefined {
  try {
    return readFileSync(`${THREADS}/${thread}/comm`, 'latin1').trim();
  } catch {
    return undefined;
  }
}

/**
 * They run when nothing of a higher priority wants the processor, of this process or another. Does nothing where the system has no
 * priorities of threads.
 *
 * @param niceness 0 to 19: whose niceness is higher steps back
 * @throws Error of the system, where it forbids it
 */
export function lowerEngineThreads(niceness: number): void {
  if (process.platform !== 'linux') return;
  for (const thread of readdirSync(THREADS)) {
    const id = Number(thread);
    if (nameOf(thread) === NAME && getPriority(id) < niceness) setPriority(id, niceness);
  }
}
