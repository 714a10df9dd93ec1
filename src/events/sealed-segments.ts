/**
 * Lengths at which segments ended after a failure. What a segment holds beyond was refused, and is never read: it is cut off
 * at once where the disk allows it, and again at the next start, should a power cut have brought it back.
 */
import { join } from 'node:path';
import type { LogFiles } from './log-files.js';
import { codeOf } from '../system-error.js';
import { segmentPath, segmentsOf } from './segments.js';

const FILE_NAME = 'sealed.json';
/** The latest; one is added for each failure that hit a segment with durable records. */
const SEALED_MAX = 1_000;

export class SealedSegments {
  /** Segment to length in bytes. */
  private lengths: Map<number, number>;
  private pending = new Set<number>();

  private constructor(
    private readonly files: LogFiles,
    private readonly directory: string,
    lengths: Map<number, number>,
  ) {
    this.lengths = lengths;
  }

  /** Reads the record of a directory and cuts its segments accordingly. */
  static async open(files: LogFiles, directory: string): Promise<SealedSegments> {
    const names = await files.list(directory);
    const lengths = names.includes(FILE_NAME)
      ? await readLengths(files, join(directory, FILE_NAME))
      : new Map<number, number>();
    const sealed = new SealedSegments(files, directory, lengths);
    const present = new Set(await segmentsOf(files, directory, 'events'));
    for (const [segment, length] of lengths) if (present.has(segment)) await sealed.cut(segment, length);
    return sealed;
  }

  /** Takes note that nothing beyond `length` counts; `enforce` makes it so. */
  add(segment: number, length: number): void {
    this.lengths.set(segment, length);
    this.pending.add(segment);
  }

  /** Resolves when all segments are cut to their length and their lengths are on record. Does nothing where they are. */
  async enforce(): Promise<void> {
    if (this.pending.size === 0) return;
    const tried = [...this.pending];
    for (const segment of tried) await this.cut(segment, this.lengths.get(segment) ?? 0);
    await this.files.syncDirectory(this.directory);
    // A segment without a durable record is gone, durably.
    for (const segment of tried) if (this.lengths.get(segment) === 0) this.lengths.delete(segment);
    const kept = [...this.lengths].toSorted(([a], [b]) => a - b).slice(-SEALED_MAX);
    await this.files.replace(join(this.directory, FILE_NAME), Buffer.from(JSON.stringify(Object.fromEntries(kept))));
    this.lengths = new Map(kept);
    for (const segment of tried) this.pending.delete(segment);
  }

  private async cut(segment: number, length: number): Promise<void> {
    const path = segmentPath(this.directory, 'events', segment);
    try {
      if (length === 0) await this.files.remove(path);
      else if ((await this.files.sizeOf(path)) > length) await this.files.truncate(path, length);
    } catch (error) {
      // Creating the segment may be what failed.
      if (codeOf(error) !== 'ENOENT') throw error;
    }
  }
}

async function readLengths(files: LogFiles, path: string): Promise<Map<number, number>> {
  const text = Buffer.from(await files.read(path, 0, 1_048_576)).toString('utf8');
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null)
    throw new Error(`${path}: expected an object, got ${text.slice(0, 80)}`);
  return new Map(Object.entries(value).map(([segment, length]) => [Number(segment), Number(length)]));
}
