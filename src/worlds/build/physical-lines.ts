/** Lines of a UTF-8 text file, in bounded memory. */
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';

const BLOCK_BYTES = 1 << 20;
const BYTE_ORDER_MARK = '\uFEFF';
const NEWLINE = 0x0a;

/** Longest line that is read; a longer one is no row of plays or tracks. */
const LINE_BYTES_MAX = 1 << 18;

/** A line that is not text. */
export interface UnreadableLine {
  readonly reason: 'not-utf8' | 'malformed-line';
  readonly text: string;
}

const NOT_UTF8: UnreadableLine = { reason: 'not-utf8', text: 'is not UTF-8' };
const TOO_LONG: UnreadableLine = { reason: 'malformed-line', text: `is longer than ${LINE_BYTES_MAX} bytes` };

export type PhysicalLine = string | UnreadableLine;

/**
 * Lines without their line feed (a carriage return stays), in blocks of about 1 MB. A byte order mark is dropped.
 *
 * @throws the error of the file system
 */
export async function* physicalLines(path: string): AsyncGenerator<PhysicalLine[]> {
  let rest: Buffer = Buffer.alloc(0);
  let first = true;
  const stream: AsyncIterable<Buffer> = createReadStream(path, { highWaterMark: BLOCK_BYTES });
  for await (const chunk of stream) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(NEWLINE);
    if (end < 0 && bytes.length <= LINE_BYTES_MAX) {
      rest = bytes;
      continue;
    }
    if (end < 0) {
      // Only what tells that it is too long is kept of such a line.
      rest = bytes.subarray(0, LINE_BYTES_MAX + 1);
      continue;
    }
    yield withoutMark(decodeLines(bytes.subarray(0, end)), first);
    first = false;
    rest = Buffer.from(bytes.subarray(end + 1));
  }
  if (rest.length > 0) yield withoutMark(decodeLines(rest), first);
}

function decodeLines(block: Buffer): PhysicalLine[] {
  if (isUtf8(block)) {
    const lines = block.toString('utf8').split('\n');
    if (block.length <= LINE_BYTES_MAX || lines.every((line) => line.length <= LINE_BYTES_MAX)) return lines;
  }
  const lines: PhysicalLine[] = [];
  for (let start = 0; start <= block.length;) {
    const found = block.indexOf(NEWLINE, start);
    const end = found < 0 ? block.length : found;
    lines.push(decodeLine(block.subarray(start, end)));
    start = end + 1;
  }
  return lines;
}

function decodeLine(line: Buffer): PhysicalLine {
  if (line.length > LINE_BYTES_MAX) return TOO_LONG;
  return isUtf8(line) ? line.toString('utf8') : NOT_UTF8;
}

function withoutMark(lines: PhysicalLine[], first: boolean): PhysicalLine[] {
  const head = lines[0];
  if (first && typeof head === 'string' && head.startsWith(BYTE_ORDER_MARK)) lines[0] = head.slice(1);
  return lines;
}
