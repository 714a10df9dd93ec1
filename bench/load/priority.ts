/** The load comes from elsewhere in earnest: what is measured must not keep it from leaving in time. */
import { setPriority } from 'node:os';

const PRIORITY = -15;

/** Ahead of other processes, where the system allows it (as root); else as they are. */
export function goAhead(): void {
  try {
    setPriority(PRIORITY);
  } catch {
    // The report tells how late requests left.
  }
}
