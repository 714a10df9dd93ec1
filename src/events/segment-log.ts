/** The event log on local disk: `<directory>/<slot>/events-<n>.jsonl` and `exposures-<n>.jsonl`, JSON Lines, one writer a slot. */
import { join } from 'node:path';
import { readCheckpoint, writeCheckpoint } from './checkpoint.js';
import type { Appended, EventLog, ReplayableLog, Stream } from './event-log.js';
import type { EventStreamObserver } from './event-stream.js';
import { EventStream } from './event-stream.js';
import { ExposureStream } from './exposure-stream.js';
import type { LogFiles } from './log-files.js';
import { diskFiles } from './log-files.js';
import { SealedSegments } from './sealed-segments.js';
import type { Position } from './segments.js';
import { cutTornTail, linesOf, recordOf, segmentPath, segmentsOf } from './segments.js';
import type { SlotLock } from './slot-lock.js';
import { lockSlot } from './slot-lock.js';
import { Unsettled } from './unsettled.js';

export interface SegmentLogObserver extends EventStreamObserver {
  /** A line of the log that holds no record; it is passed over. */
  malformed(segment: number): void;
  /** The checkpoint could not be written: more would be replayed after a crash. */
  checkpointFailed(error: unknown): void;
}

export interface SegmentLogOptions {
  readonly directory: string;
  readonly slot: number;
  /** Wall clock, epoch milliseconds. */
  readonly nowMs: () => number;
  readonly observer?: Partial<SegmentLogObserver>;
  readonly segmentBytesMax?: number;
  readonly segmentAgeMaxMs?: number;
  /** Exposures of this slot that are kept; the oldest segments go first. Segments of events are never deleted. */
  readonly exposuresBytesMax?: number;
  readonly queueRecordsMax?: number;
  readonly queueBytesMax?: number;
  readonly checkpointMs?: number;
  readonly retryMinMs?: number;
  readonly retryMaxMs?: number;
  readonly exposureFlushMs?: number;
  readonly files?: LogFiles;
}

const DEFAULTS = {
  segmentBytesMax: 64 * 1_048_576,
  segmentAgeMaxMs: 3_600_000,
  exposuresBytesMax: 1_073_741_824,
  queueRecordsMax: 10_000,
  queueBytesMax: 8 * 1_048_576,
  checkpointMs: 5_000,
  retryMinMs: 100,
  retryMaxMs: 5_000,
  exposureFlushMs: 200,
};

/** Exposures are durable this late at most, as long as there are any. */
const EXPOSURE_SYNC_MS = 5_000;
const EXPOSURES_QUEUED_MAX = 4_096;

/**
 * Locks the slot, cuts off what a crash left half written, and begins a new segment with the first record. Call `tail` and
 * `settleTail` before taking events; until then the checkpoint stays where it was.
 * @throws EventLogError `locked` while another process writes to the slot
 */
export async function openSegmentLog(options: SegmentLogOptions): Promise<SegmentLog> {
  const files = options.files ?? diskFiles;
  const directory = slotDirectory(options.directory, options.slot);
  await files.makeDirectory(directory);
  const lock = await lockSlot(directory);
  try {
    const sealed = await SealedSegments.open(files, directory);
    const checkpoint = await readCheckpoint(files, directory);
    const events = await segmentsOf(files, directory, 'events');
    for (const segment of events) {
      if (segment < checkpoint.segment) continue;
      const from = segment === checkpoint.segment ? checkpoint.offset : 0;
      await cutTornTail(files, segmentPath(directory, 'events', segment), from);
    }
    const exposures = await segmentsOf(files, directory, 'exposures');
    const lastExposures = exposures.at(-1);
    if (lastExposures !== undefined) await cutTornTail(files, segmentPath(directory, 'exposures', lastExposures), 0);
    const last = { events: Math.max(events.at(-1) ?? 0, checkpoint.segment), exposures: lastExposures ?? 0 };
    return new SegmentLog(files, directory, lock, sealed, checkpoint, last, options);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

export function slotDirectory(directory: string, slot: number): string {
  return join(directory, String(slot));
}

/** Slots that have a directory, rising. */
export async function slotsOf(directory: string, files: LogFiles = diskFiles): Promise<number[]> {
  return (await files.list(directory))
    .filter((name) => /^\d{1,6}$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

export class SegmentLog implements EventLog, ReplayableLog {
  private readonly events: EventStream;
  private readonly exposures: ExposureStream;
  private readonly unsettled = new Unsettled();
  private readonly settleTailEntry: () => void;
  private readonly timer: NodeJS.Timeout;
  private readonly observer: Partial<SegmentLogObserver>;
  private stored: Position;
  /** Settled one interval ago. The checkpoint trails, because a store may answer before its pages are on the disk. */
  private trailing: Position;

  constructor(
    private readonly files: LogFiles,
    private readonly directory: string,
    private readonly lock: SlotLock,
    sealed: SealedSegments,
    private readonly checkpoint: Position,
    last: Readonly<Record<Stream, number>>,
    options: SegmentLogOptions,
  ) {
    const settings = { ...DEFAULTS, ...options };
    const observer = options.observer ?? {};
    this.observer = observer;
    this.events = new EventStream(files, directory, sealed, last.events, settings, options.nowMs, {
      committed: (records, bytes, ms) => observer.committed?.(records, bytes, ms),
      failed: (records, code, error) => observer.failed?.(records, code, error),
    });
    this.exposures = new ExposureStream(
      files,
      directory,
      last.exposures + 1,
      {
        ...settings,
        totalBytesMax: settings.exposuresBytesMax,
        queueRecordsMax: EXPOSURES_QUEUED_MAX,
        flushMs: settings.exposureFlushMs,
        syncMs: EXPOSURE_SYNC_MS,
        retryMs: settings.retryMaxMs,
      },
      options.nowMs,
    );
    this.lastSegment = last.events;
    this.stored = checkpoint;
    this.trailing = checkpoint;
    this.settleTailEntry = this.unsettled.add(checkpoint);
    this.timer = setInterval(() => {
      this.advance().catch((error: unknown) => observer.checkpointFailed?.(error));
    }, settings.checkpointMs).unref();
  }

  private readonly lastSegment: number;

  get droppedExposures(): number {
    return this.exposures.dropped;
  }

  get writtenExposures(): number {
    return this.exposures.written;
  }

  async append(_stream: 'events', records: readonly object[]): Promise<Appended> {
    const start = await this.events.append(records);
    return { settle: this.unsettled.add(start) };
  }

  offer(exposure: object): boolean {
    return this.exposures.offer(exposure);
  }

  /** Records from before this process that may not have been settled, oldest first. */
  async *tail(): AsyncGenerator<object> {
    for (const segment of await segmentsOf(this.files, this.directory, 'events')) {
      if (segment < this.checkpoint.segment || segment > this.lastSegment) continue;
      const from = segment === this.checkpoint.segment ? this.checkpoint.offset : 0;
      for await (const line of linesOf(this.files, segmentPath(this.directory, 'events', segment), from)) {
        const record = recordOf(line);
        if (record === undefined) this.observer.malformed?.(segment);
        else yield record;
      }
    }
  }

  /** All that follows from the tail is stored. */
  settleTail(): void {
    this.settleTailEntry();
  }

  /** Writes what waits, and a checkpoint behind all that is settled. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all([this.events.close(), this.exposures.close()]);
    try {
      await this.advance();
      await this.advance();
    } catch (error) {
      this.observer.checkpointFailed?.(error);
    } finally {
      await this.lock.release();
    }
  }

  private async advance(): Promise<void> {
    const next = this.trailing;
    this.trailing = this.unsettled.lowWater(this.events.end);
    if (next.segment === this.stored.segment && next.offset === this.stored.offset) return;
    await writeCheckpoint(this.files, this.directory, next);
    this.stored = next;
  }
}
