/** After a crash: brings what the log holds, and the sessions may not, into the sessions. */
import type { ReplayableLog } from '../events/event-log.js';
import { StoreError } from '../store/row-store.js';
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
  /** Events of listeners whose rows the store cannot read or write, whenever it is asked; they are passed over. */
  readonly failed: number;
}

/**
 * Replays the tail of a log and settles it. To be done before the slot takes events. Doing it again changes nothing.
 * Rejects while the store is unavailable; the tail then stays for the next time.
 */
export async function replay(
  log: Pick<ReplayableLog, 'tail' | 'settleTail'>,
  recorder: Pick<EventRecorder, 'replay'>,
): Promise<ReplayReport> {
  const report = { read: 0, recovered: 0, malformed: 0, failed: 0 };
  let batch: LiveEvent[] = [];
  for await (const record of log.tail()) {
    report.read++;
    const event = eventOfRecord(record);
    if (event === undefined) report.malformed++;
    else batch.push(event);
    if (batch.length < BATCH_EVENTS) continue;
    await replayBatch(batch, recorder, report);
    batch = [];
  }
  await replayBatch(batch, recorder, report);
  log.settleTail();
  return report;
}

async function replayBatch(
  events: readonly LiveEvent[],
  recorder: Pick<EventRecorder, 'replay'>,
  report: { recovered: number; failed: number },
): Promise<void> {
  const byListener = [...Map.groupBy(events, ({ listenerId }) => listenerId)];
  const replayOne = async ([listenerId, ofListener]: [string, LiveEvent[]]): Promise<void> => {
    try {
      report.recovered += await recorder.replay(listenerId, ofListener);
    } catch (error) {
      // One row that is broken must not keep the process from ever starting.
      if (!(error instanceof StoreError) || (error.reason !== 'error' && error.reason !== 'too-large')) throw error;
      report.failed += ofListener.length;
    }
  };
  for (let i = 0; i < byListener.length; i += LISTENERS_AT_ONCE) {
    await Promise.all(byListener.slice(i, i + LISTENERS_AT_ONCE).map(replayOne));
  }
}

/**
 * Replays the slots of processes that exist no longer, which slot 0 does for them. A slot that another process still writes
 * is left alone; it is tried again at the next start.
 */
export async function replayOrphans(
  slots: readonly number[],
  processes: number,
  open: (slot: number) => Promise<ReplayableLog | undefined>,
  recorder: Pick<EventRecorder, 'replay'>,
): Promise<ReplayReport> {
  const total = { read: 0, recovered: 0, malformed: 0, failed: 0 };
  for (const slot of slots.filter((each) => each >= processes)) {
    const log = await open(slot);
    if (log === undefined) continue;
    try {
      const { read, recovered, malformed, failed } = await replay(log, recorder);
      total.read += read;
      total.recovered += recovered;
      total.malformed += malformed;
      total.failed += failed;
    } finally {
      await log.close();
    }
  }
  return total;
}
