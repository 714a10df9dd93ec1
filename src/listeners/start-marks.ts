/**
 * Times and play numbers of a listener's starts that left the session: pairs of little-endian u32 (epoch second, play number)
 * by rising time. They keep the count of plays since the build exact where a listener starts more than 256 tracks between
 * two builds.
 */

/** 8 KB a row: several days of a listener who never stops. */
export const START_MARKS_MAX = 1_024;

const MARK_BYTES = 8;

export interface StartMark {
  readonly second: number;
  /** From 1. */
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

/** The last `START_MARKS_MAX` of the marks. */
export function packStartMarks(marks: readonly StartMark[]): Uint8Array {
  const kept = marks.toSorted((a, b) => a.second - b.second || a.playNumber - b.playNumber).slice(-START_MARKS_MAX);
  const bytes = new Uint8Array(kept.length * MARK_BYTES);
  const view = viewOf(bytes);
  kept.forEach((mark, i) => {
    view.setUint32(i * MARK_BYTES, mark.second, true);
    view.setUint32(i * MARK_BYTES + 4, mark.playNumber, true);
  });
  return bytes;
}

/**
 * How many starts that left the session came after the build.
 *
 * Exact for the last 1,024 of them. When even the oldest mark is newer than the build, the starts before it, whose count its
 * number tells, are taken to have come at the mean rate of those since; where there was no build they all came after it.
 */
export function markedStartsSince(bytes: Uint8Array | undefined, builtThroughMs: number): number {
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
  return count - low + (low === 0 ? unmarkedStartsSince(view, count, builtSecond) : 0);
}

function unmarkedStartsSince(view: DataView, count: number, builtSecond: number): number {
  let unmarked = Infinity;
  for (let i = 0; i < count; i++) unmarked = Math.min(unmarked, view.getUint32(i * MARK_BYTES + 4, true) - 1);
  if (unmarked <= 0 || builtSecond === -Infinity) return Math.max(0, unmarked);
  const oldestSecond = view.getUint32(0, true);
  const seconds = Math.max(1, view.getUint32((count - 1) * MARK_BYTES, true) - oldestSecond);
  return Math.min(unmarked, Math.round(((count - 1) / seconds) * (oldestSecond - builtSecond)));
}

function markCount(bytes: Uint8Array | undefined): number {
  return Math.floor((bytes?.length ?? 0) / MARK_BYTES);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
