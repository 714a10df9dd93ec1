/** How the heap of a serving process grows. */
import { setFlagsFromString } from 'node:v8';

/**
 * The old space is collected when it is so many percent of what was live after the last collection. V8 itself begins at a fraction
 * more, so that a heap of 50 MB is marked several times a second, which took a quarter of all processor time (docs/DECISIONS.md).
 */
const GROWING_PERCENT = 400;

/** Call it once, before anything is loaded. */
export function growHeapGenerously(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWING_PERCENT}`);
}
