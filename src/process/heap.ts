/** How the heap of a serving process grows and is collected. */
import { setFlagsFromString } from 'node:v8';

/**
 * The old space is collected when it is so many percent of what was live after the last collection. V8 itself begins at a fraction
 * more, so that a heap of 50 MB is marked several times a second, which took a quarter of all processor time (docs/DECISIONS.md).
 */
const GROWING_PERCENT = 200;

/**
 * Call it once, before anything is loaded. The young space is collected by the serving thread alone: threads that help it would
 * want the cores on which the other serving processes are, and a collection waits for the last of them. When V8 collects because
 * little is allocated, it does so as always: to give memory back it would hold a request up for 50 ms.
 */
export function tuneHeap(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWING_PERCENT}`);
  setFlagsFromString('--no-parallel-scavenge');
  setFlagsFromString('--no-memory-reducer-favors-memory');
}
