/**
 * The stream of exposures: it never delays anyone. What cannot be queued or written is dropped and counted, and leaves a gap
 * in `n`, the number of an exposure within the `run` of its process (the time the log was opened).
 */
import type { LogFile, LogFiles } from './log-files.js';
import { segmentPath, segmentsOf } from './segments.js';

export interface ExposureStreamOptions {
  readonly segmentBytesMax: number;
  readonly segmentAgeMaxMs: number;
  /** Kept at most, of this slot; the oldest segments go first. */
  readonly totalBytesMax: number;
  readonly queueRecordsMax: number;
  readonly queueBytesMax: number;
  /** Written this often, or when a quarter of the queue is full. */
  readonly flushMs: number;
  /** Made durable this often. */
  readonly syncMs: number;
  readonly retryMs: number;
}

interface Open {
  readonly file: LogFile;
  readonly path: string;
  readonly createdMs: number;
  length: number;
}

export class ExposureStream {
  /** Since the log was opened. */
  dropped = 0;
  written = 0;

  private readonly run: string;
  private n = 0;
  private lines: string[] = [];
  private queuedBytes = 0;
  private timer: NodeJS.Timeout | undefined;
  private flushing: Promise<void> | undefined;
  private open: Open | undefined;
  private retryAtMs = -Infinity;
  private syncedAtMs: number;
  private closed = false;

  constructor(
    private readonly files: LogFiles,
    private readonly directory: string,
    private nextSegment: number,
    private readonly options: ExposureStreamOptions,
    private readonly nowMs: () => number,
  ) {
    this.syncedAtMs = nowMs();
    this.run = new Date(this.syncedAtMs).toISOString();
  }

  offer(exposure: object): boolean {
    this.n++;
    const { queueRecordsMax, queueBytesMax, flushMs } = this.options;
    if (this.closed || this.lines.length >= queueRecordsMax || this.nowMs() < this.retryAtMs) return this.drop();
    const line = `${JSON.stringify({ ...exposure, run: this.run, n: this.n })}\n`;
    // In UTF-16 code units, as good as bytes for a bound.
    if (this.queuedBytes + line.length > queueBytesMax) return this.drop();
    this.lines.push(line);
    this.queuedBytes += line.length;
    if (this.queuedBytes > queueBytesMax / 4) this.flush();
    else
      this.timer ??= setTimeout(() => {
        this.flush();
      }, flushMs).unref();
    return true;
  }

  /** Writes what is queued. */
  async close(): Promise<void> {
    this.closed = true;
    this.flush();
    while (this.flushing !== undefined) await this.flushing;
    await this.finishSegment().catch(() => undefined);
  }

  private drop(): false {
    this.dropped++;
    return false;
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.flushing ??= this.writeQueued().finally(() => {
      this.flushing = undefined;
    });
  }

  private async writeQueued(): Promise<void> {
    while (this.lines.length > 0) {
      const { lines } = this;
      this.lines = [];
      this.queuedBytes = 0;
      try {
        await this.write(Buffer.from(lines.join('')));
        this.written += lines.length;
      } catch {
        this.dropped += lines.length;
        await this.abandonSegment();
      }
    }
  }

  private async write(bytes: Uint8Array): Promise<void> {
    const open = await this.writable();
    await open.file.append(bytes);
    open.length += bytes.length;
    const nowMs = this.nowMs();
    if (nowMs - this.syncedAtMs < this.options.syncMs) return;
    this.syncedAtMs = nowMs;
    await open.file.datasync();
  }

  private async writable(): Promise<Open> {
    if (this.open !== undefined) {
      const { segmentBytesMax, segmentAgeMaxMs } = this.options;
      if (this.open.length < segmentBytesMax && this.nowMs() - this.open.createdMs < segmentAgeMaxMs) return this.open;
      await this.finishSegment();
      await this.removeOldest();
    }
    const path = segmentPath(this.directory, 'exposures', this.nextSegment++);
    this.open = { file: await this.files.create(path), path, createdMs: this.nowMs(), length: 0 };
    await this.files.syncDirectory(this.directory);
    return this.open;
  }

  private async finishSegment(): Promise<void> {
    const { open } = this;
    this.open = undefined;
    await open?.file.datasync();
    await open?.file.close();
  }

  /** Cuts half a line off, so that the segment can still be read. */
  private async abandonSegment(): Promise<void> {
    this.retryAtMs = this.nowMs() + this.options.retryMs;
    const { open } = this;
    this.open = undefined;
    if (open === undefined) return;
    await open.file.close().catch(() => undefined);
    const cut = open.length === 0 ? this.files.remove(open.path) : this.files.truncate(open.path, open.length);
    await cut.catch(() => undefined);
  }

  /** Keeps room for the segment that begins. */
  private async removeOldest(): Promise<void> {
    const segments = await segmentsOf(this.files, this.directory, 'exposures');
    const paths = segments.map((segment) => segmentPath(this.directory, 'exposures', segment));
    const sizes = await Promise.all(paths.map((path) => this.files.sizeOf(path)));
    let total = sizes.reduce((sum, size) => sum + size, 0);
    const kept = this.options.totalBytesMax - Math.min(this.options.segmentBytesMax, this.options.totalBytesMax);
    for (let i = 0; i < paths.length && total > kept; i++) {
      await this.files.remove(paths[i] ?? '');
      total -= sizes[i] ?? 0;
    }
  }
}
