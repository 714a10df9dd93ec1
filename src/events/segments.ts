/** Names of segments, and their lines. */
import { join } from 'node:path';
import type { Stream } from './event-log.js';
import type { LogFiles } from './log-files.js';

/** A place in a stream: everything before it has been written. */
export interface Position {
  readonly segment: number;
  readonly offset: number;
}

export function segmentPath(directory: string, stream: Stream, segment: number): string {
  return join(directory, `${stream}-${String(segment).padStart(8, '0')}.jsonl`);
}

/** Numbers of a stream's segments, rising. */
export async function segmentsOf(files: LogFiles, directory: string, stream: Stream): Promise<number[]> {
  const pattern = new RegExp(`^${stream}-(\\d+)\\.jsonl$`);
  return (await files.list(directory))
    .map((name) => Number(pattern.exec(name)?.[1] ?? NaN))
    .filter((segment) => !Number.isNaN(segment))
    .sort((a, b) => a - b);
}

/** A record is at most a few hundred bytes; what is longer is no line. */
const LINE_BYTES_MAX = 1_048_576;
const READ_BYTES = 1_048_576;
const NEWLINE = 10;

export interface Line {
  readonly text: string;
  /** Offset of the byte after its newline. */
  readonly end: number;
}

/** Lines that end in a newline, from `from` on. */
export async function* linesOf(files: LogFiles, path: string, from: number): AsyncGenerator<Line> {
  let rest = Buffer.alloc(0);
  let offset = from;
  for (;;) {
    const bytes = await files.read(path, offset, READ_BYTES);
    if (bytes.length === 0) return;
    offset += bytes.length;
    const chunk = Buffer.concat([rest, bytes]);
    const chunkOffset = offset - chunk.length;
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      yield { text: chunk.toString('utf8', start, end), end: chunkOffset + end + 1 };
      start = end + 1;
    }
    rest = chunk.subarray(start);
    if (rest.length > LINE_BYTES_MAX) return;
  }
}

/** The object of a line, `undefined` where it holds none. */
export function recordOf(line: Line): object | undefined {
  try {
    const value: unknown = JSON.parse(line.text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Cuts off what follows the last whole record: a crash leaves part of a line there, a power cut zeros or garbage. A bad line
 * with good ones behind it is not cut. Looks at nothing before `from`, which must be the start of a line.
 */
export async function cutTornTail(files: LogFiles, path: string, from: number): Promise<number> {
  const size = await files.sizeOf(path);
  let good = Math.min(from, size);
  for await (const line of linesOf(files, path, good)) if (recordOf(line) !== undefined) good = line.end;
  if (good < size) await files.truncate(path, good);
  return size - good;
}
