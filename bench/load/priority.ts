/** The load comes from elsewhere in earnest: what is measured must not keep it from leaving in time. */
import { setPriority } from 'node:os';
import { lowerEngineThreads } from '../../src/process/engine-threads.js';

const PRIORITY = -15;
/** Of what the engine does beside the load. */
const ASIDE = 19;

/** Ahead of other processes, where the system allows it (as root); else as they are. */
export function goAhead(): void {
  try {
    setPriority(PRIORITY);
    lowerEngineThreads(ASIDE);
  } catch {
    // The report tells how late requests left.
  }
}
