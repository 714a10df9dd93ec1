/** After a crash: brings what the log holds, and the sessions may not, into the sessions. */
import type { SegmentLog } from '../events/segment-log.js';
import type { EventRecorder } from './event-recorder.js';
import type { LiveEvent } from './live-event.js';
import { eventOfRecord } from './live-event.js';

const BATCH_EVENTS = 1_000;
const LISTENERS_AT_ONCE = 16;

export interface ReplayReport {
  /** Records read. */
  readonly read: number;
  /** Those that were missing in their session. */
  readonly recovered: number;
  /** Records that are no event. */
  readonly malformed: number;
}

/**
 * Replays the tail of a log and settles it. To be done before the slot takes events. Doing it again changes nothing.
 * Rejects with the store's error; the tail then stays for the next time.
 */
export async function replay(
  log: Pick<SegmentLog, 'tail' | 'settleTail'>,
  recorder: Pick<EventRecorder, 'replay'>,
): Promise<ReplayReport> {
  const report = { read: 0, recovered: 0, malformed: 0 };
  let batch: LiveEvent[] = [];
  for await (const record of log.tail()) {
    report.read++;
    const event = eventOfRecord(record);
    if (event === undefined) report.malformed++;
    else batch.push(event);
    if (batch.length < BATCH_EVENTS) continue;
    report.recovered += await replayBatch(batch, recorder);
    batch = [];
  }
  report.recovered += await replayBatch(batch, recorder);
  log.settleTail();
  return report;
}

async function replayBatch(events: readonly LiveEvent[], recorder: Pick<EventRecorder, 'replay'>): Promise<number> {
  const byListener = [...Map.groupBy(events, ({ listenerId }) => listenerId)];
  let recovered = 0;
  for (let i = 0; i < byListener.length; i += LISTENERS_AT_ONCE) {
    const some = byListener.slice(i, i + LISTENERS_AT_ONCE);
    const counts = await Promise.all(some.map(([listenerId, ofListener]) => recorder.replay(listenerId, ofListener)));
    recovered += counts.reduce((sum, count) => sum + count, 0);
  }
  return recovered;
}

/**
 * Replays the slots of processes that exist no longer, which slot 0 does for them. A slot that another process still writes
 * is left alone; it is tried again at the next start.
 */
export async function replayOrphans(
  slots: readonly number[],
  processes: number,
  open: (slot: number) => Promise<SegmentLog | undefined>,
  recorder: Pick<EventRecorder, 'replay'>,
): Promise<ReplayReport> {
  const total = { read: 0, recovered: 0, malformed: 0 };
  for (const slot of slots.filter((each) => each >= processes)) {
    const log = await open(slot);
    if (log === undefined) continue;
    try {
      const { read, recovered, malformed } = await replay(log, recorder);
      total.read += read;
      total.recovered += recovered;
      total.malformed += malformed;
    } finally {
      await log.close();
    }
  }
  return total;
}
