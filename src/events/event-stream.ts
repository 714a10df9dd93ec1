/**
 * The stream of events: group commit. All records that wait are written at once and made durable by one fdatasync, while the
 * next group forms behind them.
 *
 * A failed write or sync leaves a segment of which nobody knows what is on the disk (after a failed fsync the kernel may call
 * pages clean that never got there, so that a second one succeeds without them). It is not written again: it is cut back to
 * what was durable before, that length is put on record, and a new segment begins. Until all of that has succeeded, events
 * are refused; it is tried again with the next events, at most every `retryMaxMs`.
 */
import { EventLogError } from './event-log.js';
import type { LogFile, LogFiles } from './log-files.js';
import { codeOf } from '../system-error.js';
import type { Position } from './segments.js';
import { segmentPath } from './segments.js';
import type { SealedSegments } from './sealed-segments.js';

export interface EventStreamOptions {
  readonly segmentBytesMax: number;
  readonly segmentAgeMaxMs: number;
  readonly queueRecordsMax: number;
  readonly queueBytesMax: number;
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
}

export interface EventStreamObserver {
  /** A group is on disk. */
  committed(records: number, bytes: number, ms: number): void;
  /** A group was refused, with the system's code where there is one. */
  failed(records: number, code: string, error: unknown): void;
}

interface Waiting {
  readonly bytes: Buffer;
  readonly records: number;
  readonly resolve: (start: Position) => void;
  readonly reject: (error: EventLogError) => void;
}

const GROUP_BYTES_MAX = 4 * 1_048_576;

export class EventStream {
  private waiting: Waiting[] = [];
  private waitingRecords = 0;
  private waitingBytes = 0;
  private flushing: Promise<void> | undefined;
  private open: { readonly file: LogFile; readonly createdMs: number } | undefined;
  private position: Position;
  private failures = 0;
  private retryAtMs = 0;
  private closed = false;

  constructor(
    private readonly files: LogFiles,
    private readonly directory: string,
    private readonly sealed: SealedSegments,
    lastSegment: number,
    private readonly options: EventStreamOptions,
    private readonly nowMs: () => number,
    private readonly observer: EventStreamObserver,
  ) {
    this.position = { segment: lastSegment + 1, offset: 0 };
  }

  /** Where the next group begins. */
  get end(): Position {
    return this.position;
  }

  /** After a failure the disk is left alone for a while. */
  private get resting(): boolean {
    return this.failures > 0 && this.nowMs() < this.retryAtMs;
  }

  /** Resolves with the place of the group that holds the records, once it is durable. */
  append(records: readonly object[]): Promise<Position> {
    if (this.closed) return Promise.reject(new EventLogError('closed', 'the event log is closed'));
    if (this.resting) return Promise.reject(new EventLogError('unavailable', 'the event log cannot be written'));
    let text = '';
    for (const record of records) text += `${JSON.stringify(record)}\n`;
    const bytes = Buffer.from(text);
    const { queueRecordsMax, queueBytesMax } = this.options;
    if (this.waitingRecords + records.length > queueRecordsMax || this.waitingBytes + bytes.length > queueBytesMax) {
      return Promise.reject(
        new EventLogError(
          'overloaded',
          `${this.waitingRecords} records, ${this.waitingBytes} bytes wait to be written`,
        ),
      );
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ bytes, records: records.length, resolve, reject });
      this.waitingRecords += records.length;
      this.waitingBytes += bytes.length;
      this.flushing ??= this.flush().finally(() => {
        this.flushing = undefined;
      });
    });
  }

  /** Writes what waits, and closes the segment. */
  async close(): Promise<void> {
    this.closed = true;
    while (this.flushing !== undefined) await this.flushing;
    await this.open?.file.close();
    this.open = undefined;
  }

  private async flush(): Promise<void> {
    // Appends of this turn of the event loop join the first group.
    await Promise.resolve();
    while (this.waiting.length > 0) {
      const group = this.takeGroup();
      const records = group.reduce((sum, each) => sum + each.records, 0);
      const startedMs = performance.now();
      try {
        if (this.resting) throw new Error('waited for a disk that just failed');
        const bytes = Buffer.concat(group.map((each) => each.bytes));
        const start = await this.write(bytes);
        this.failures = 0;
        this.observer.committed(records, bytes.length, performance.now() - startedMs);
        for (const each of group) each.resolve(start);
      } catch (error) {
        if (!this.resting) await this.giveUp();
        this.observer.failed(records, codeOf(error) ?? 'unknown', error);
        const refusal = new EventLogError('unavailable', 'the event log could not be written', { cause: error });
        for (const each of group) each.reject(refusal);
      }
    }
  }

  private takeGroup(): Waiting[] {
    let count = 0;
    let bytes = 0;
    for (const each of this.waiting) {
      if (count > 0 && bytes + each.bytes.length > GROUP_BYTES_MAX) break;
      count++;
      bytes += each.bytes.length;
    }
    const group = this.waiting.splice(0, count);
    this.waitingRecords -= group.reduce((sum, each) => sum + each.records, 0);
    this.waitingBytes -= bytes;
    return group;
  }

  private async write(bytes: Uint8Array): Promise<Position> {
    const file = await this.writable();
    await file.append(bytes);
    await file.datasync();
    const start = this.position;
    this.position = { segment: start.segment, offset: start.offset + bytes.length };
    return start;
  }

  /** The open segment, or a new one where there is none or it is full. */
  private async writable(): Promise<LogFile> {
    if (this.open !== undefined) {
      const { segmentBytesMax, segmentAgeMaxMs } = this.options;
      const ageMs = this.nowMs() - this.open.createdMs;
      if (this.position.offset < segmentBytesMax && ageMs < segmentAgeMaxMs) return this.open.file;
      await this.open.file.close();
      this.open = undefined;
      this.position = { segment: this.position.segment + 1, offset: 0 };
    }
    await this.sealed.enforce();
    const file = await this.files.create(segmentPath(this.directory, 'events', this.position.segment));
    this.open = { file, createdMs: this.nowMs() };
    await this.files.syncDirectory(this.directory);
    return file;
  }

  /** Seals the segment at what was durable, and waits longer with each failure before the disk is tried again. */
  private async giveUp(): Promise<void> {
    const { segment, offset } = this.position;
    this.sealed.add(segment, offset);
    this.position = { segment: segment + 1, offset: 0 };
    const { file } = this.open ?? {};
    this.open = undefined;
    // Best effort here; nothing is appended before `enforce` has succeeded.
    await file?.close().catch(() => undefined);
    await this.sealed.enforce().catch(() => undefined);
    const { retryMinMs, retryMaxMs } = this.options;
    this.retryAtMs = this.nowMs() + Math.min(retryMaxMs, retryMinMs * 2 ** Math.min(this.failures, 20));
    this.failures++;
  }
}
