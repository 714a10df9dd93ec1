/** How the heap of a serving process grows and is collected. */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/**
 * The old space is collected when it has grown by so many percent of what was live after the last collection. V8 itself begins at a fraction
 * more, so that a heap of 50 MB is marked several times a second, which took a quarter of all processor time (docs/DECISIONS.md).
 */
const GROWING_PERCENT = 200;

/**
 * Both halves of the young space where a store is called over gRPC. Node gives it 64 MiB, and with what is left of such calls a collection
 * of it stops the serving thread for 20 to 40 ms; of half the size, for 2 to 8 (docs/DECISIONS.md).
 */
const YOUNG_BYTES_WITH_CALLS = 32 * 2 ** 20;
/** Kept to make it grow, 8 KB each: far more than it takes. */
const CHURN_MAX = 4096;
const CHURN_LENGTH = 1024;

/**
 * Call it once, before anything is loaded. The young space is collected by the serving thread alone: threads that help it would
 * want the cores on which the other serving processes are, and a collection waits for the last of them. When V8 collects because
 * little is allocated, it does so as always: to give memory back it would hold a request up for 50 ms.
 *
 * @param callsStore whether rows are read from another process
 */
export function tuneHeap(callsStore: boolean): void {
  setFlagsFromString(`--heap-growing-percent=${GROWING_PERCENT}`);
  setFlagsFromString('--no-parallel-scavenge');
  setFlagsFromString('--no-memory-reducer-favors-memory');
  if (callsStore) stopYoungAt(YOUNG_BYTES_WITH_CALLS);
}

/** Node's own flag for it is read before any of our code runs, but by how much it grows is read each time it does. */
function stopYoungAt(bytes: number): void {
  // Before its first collection it is one half alone.
  const factor = Math.round(bytes / 2 / youngBytes());
  setFlagsFromString(`--semi-space-growth-factor=${Math.max(1, factor)}`);
  // It grows once enough of it survived.
  const kept: number[][] = [];
  while (youngBytes() < bytes && kept.length < CHURN_MAX) kept.push(new Array<number>(CHURN_LENGTH).fill(0.5));
  setFlagsFromString('--semi-space-growth-factor=1');
}

function youngBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? Infinity;
}
