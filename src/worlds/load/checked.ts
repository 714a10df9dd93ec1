/** Numbers of a build file, checked to be what rows can hold. */
import { buildRefused } from './build-dir.js';
import { parquetName, type BuildFile } from './build-files.js';

/** @throws SegueError when one is no whole number from 0 to below `count` */
export function checkedOrdinals(file: BuildFile, ordinals: readonly number[], count: number): Uint32Array {
  for (const ordinal of ordinals) {
    if (Number.isInteger(ordinal) && ordinal >= 0 && ordinal < count) continue;
    throw buildRefused(parquetName(file), `has ordinal ${ordinal}, allowed are 0 to ${count - 1}`);
  }
  return Uint32Array.from(ordinals);
}

/** Counts, where missing is 0. @throws SegueError when one is negative or no u32 */
export function checkedCounts(file: BuildFile, column: string, counts: readonly number[]): Uint32Array {
  const out = new Uint32Array(counts.length);
  for (let i = 0; i < counts.length; i++) {
    const count = Number.isNaN(counts[i]) ? 0 : counts[i];
    if (!Number.isInteger(count) || count < 0 || count > 0xffffffff) {
      throw buildRefused(parquetName(file), `has ${column} ${count}, allowed are 0 to 4294967295`);
    }
    out[i] = count;
  }
  return out;
}

/** @throws SegueError when one is no whole number of milliseconds */
export function checkedTimes(file: BuildFile, column: string, times: readonly number[]): Float64Array {
  for (const time of times) {
    if (!Number.isSafeInteger(time)) throw buildRefused(parquetName(file), `has ${column} ${time}`);
  }
  return Float64Array.from(times);
}
