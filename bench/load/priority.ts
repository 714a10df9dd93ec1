/** The load comes from elsewhere in earnest: what is measured must not keep it from leaving in time. */
import { readdirSync, readFileSync } from 'node:fs';
import { setPriority } from 'node:os';

const PRIORITY = -15;
/** Of what the engine does beside the load: collecting garbage, compiling. */
const ASIDE = 19;
const THREADS = '/proc/self/task';
const ENGINE_THREAD = 'V8Worker';

/** Ahead of other processes, where the system allows it (as root); else as they are. */
export function goAhead(): void {
  try {
    setPriority(PRIORITY);
    for (const thread of engineThreads()) setPriority(thread, ASIDE);
  } catch {
    // The report tells how late requests left.
  }
}

/** On Linux, where a priority is of a thread. */
function engineThreads(): number[] {
  return readdirSync(THREADS)
    .filter((thread) => readFileSync(`${THREADS}/${thread}/comm`, 'latin1').trim() === ENGINE_THREAD)
    .map(Number);
}
