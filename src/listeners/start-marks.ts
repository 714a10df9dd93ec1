/**
 * Times and play numbers of a listener's starts that left the session: pairs of little-endian u32 (epoch second, play number)
 * by rising number. They keep the count of plays since the build exact where a listener starts more than 256 tracks between
 * two builds.
 */

/** 8 KB a row: several days of a listener who never stops. */
export const START_MARKS_MAX = 1_024;

const MARK_BYTES = 8;

export interface StartMark {
  readonly second: number;
  readonly playNumber: number;
}

export function startMarks(bytes: Uint8Array | undefined): StartMark[] {
  if (bytes === undefined) return [];
  const view = viewOf(bytes);
  return Array.from({ length: markCount(bytes) }, (_, i) => ({
    second: view.getUint32(i * MARK_BYTES, true),
    playNumber: view.getUint32(i * MARK_BYTES + 4, true),
  }));
}

/** The last `START_MARKS_MAX` of the marks, by play number. */
export function packStartMarks(marks: readonly StartMark[]): Uint8Array {
  const kept = marks.toSorted((a, b) => a.playNumber - b.playNumber).slice(-START_MARKS_MAX);
  const bytes = new Uint8Array(kept.length * MARK_BYTES);
  const view = viewOf(bytes);
  kept.forEach((mark, i) => {
    view.setUint32(i * MARK_BYTES, mark.second, true);
    view.setUint32(i * MARK_BYTES + 4, mark.playNumber, true);
  });
  return bytes;
}

/** Highest play number among the marks, 0 without any. */
export function lastMarkedNumber(bytes: Uint8Array | undefined): number {
  const count = markCount(bytes);
  return bytes === undefined || count === 0 ? 0 : viewOf(bytes).getUint32((count - 1) * MARK_BYTES + 4, true);
}

/**
 * How many of the starts numbered below `belowNumber` (all that are marked, where it is not given) came after the build.
 *
 * Marks tell it exactly for the last 1,024 starts that left the session. When even the oldest mark is newer than the build,
 * the starts before it are taken to have come at the mean rate of those since, and all of them where there was no build.
 */
export function markedStartsSince(
  bytes: Uint8Array | undefined,
  builtThroughMs: number,
  belowNumber: number | undefined,
): number {
  const count = markCount(bytes);
  if (bytes === undefined || count === 0) return 0;
  const view = viewOf(bytes);
  const builtSecond = Math.floor(builtThroughMs / 1_000);
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (view.getUint32(middle * MARK_BYTES, true) > builtSecond) high = middle;
    else low = middle + 1;
  }
  if (low === count) return 0;
  const firstNew = view.getUint32(low * MARK_BYTES + 4, true);
  const known = Math.max(0, (belowNumber ?? lastMarkedNumber(bytes) + 1) - firstNew);
  return low > 0 ? known : known + unmarkedStartsSince(view, count, builtSecond);
}

function unmarkedStartsSince(view: DataView, count: number, builtSecond: number): number {
  const oldestSecond = view.getUint32(0, true);
  const unmarked = view.getUint32(4, true) - 1;
  if (unmarked <= 0 || builtSecond === -Infinity) return Math.max(0, unmarked);
  const last = (count - 1) * MARK_BYTES;
  const seconds = Math.max(1, view.getUint32(last, true) - oldestSecond);
  const startsPerSecond = (view.getUint32(last + 4, true) - unmarked - 1) / seconds;
  return Math.min(unmarked, Math.round(startsPerSecond * (oldestSecond - builtSecond)));
}

function markCount(bytes: Uint8Array | undefined): number {
  return Math.floor((bytes?.length ?? 0) / MARK_BYTES);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
