/** The one handler behind `POST /v1/events` and `EventsService/Record`. */
import { SegueError } from '../errors.js';
import type { CheckContext, Rejected } from './check-event.js';
import { checkEvent } from './check-event.js';
import { shown } from '../shown.js';
import type { EventRecorder, Outcome, Refusal } from './event-recorder.js';
import { HIDDEN_TRACKS_MAX, REMEMBERED_EVENTS_MAX } from './event-recorder.js';
import type { LiveEvent } from './live-event.js';

export const BATCH_EVENTS_MAX = 500;
/** For a batch of which nothing could be stored. */
const RETRY_AFTER_MS = 1_000;

/** Events of a batch that are checked in one go. */
const CHECKED_AT_ONCE = 50;
/** Listeners of a batch whose events are recorded at once: enough to share the log's syncs and the store's commits. */
const LISTENERS_AT_ONCE = 32;

interface Indexed {
  readonly index: number;
  readonly event: LiveEvent;
}

export interface RecordResponse {
  readonly accepted: number;
  readonly duplicates: number;
  /** By rising index. */
  readonly rejected: readonly (Rejected & { readonly index: number })[];
}

export interface RecordDeps {
  readonly recorder: Pick<EventRecorder, 'record'>;
  /** Whether the current world has the track. */
  readonly knowsTrack: CheckContext['knowsTrack'];
  /** Wall clock, epoch milliseconds. */
  readonly nowMs: () => number;
  /** Does a piece of the work when it is its turn: others come in between. Rejects where too much waits, and as the piece does. */
  readonly inTurn: <T>(piece: () => T | Promise<T>) => Promise<T>;
}

const REFUSALS: Readonly<Record<Refusal, Rejected>> = {
  unavailable: { code: 'SEGUE_UNAVAILABLE', field: '', message: 'the event could not be stored; send it again' },
  overloaded: {
    code: 'SEGUE_OVERLOADED',
    field: '',
    message: 'too many events wait to be stored; send it again later',
  },
  'too-many-events': {
    code: 'SEGUE_OVERLOADED',
    field: 'listenerId',
    message: `the listener has over ${REMEMBERED_EVENTS_MAX} events of today and yesterday`,
  },
  'too-many-hidden': {
    code: 'SEGUE_TOO_LARGE',
    field: 'trackId',
    message: `the listener has hidden ${HIDDEN_TRACKS_MAX} tracks, which is the most`,
  },
};

/**
 * Records a batch `{ events: [...] }` of 1 to 500. Each event is checked and recorded by itself; those counted as accepted
 * are durable and in the session. An event that was refused as unavailable or overloaded may be sent again with the same id.
 *
 * @throws SegueError `SEGUE_INVALID_ARGUMENT` for the batch as a whole; `SEGUE_UNAVAILABLE` or `SEGUE_OVERLOADED` when no
 * event could be recorded for that reason alone
 */
export async function recordEvents(batch: unknown, deps: RecordDeps): Promise<RecordResponse> {
  const events = eventsOf(batch);
  const rejected: (Rejected & { readonly index: number })[] = [];
  const byListener = new Map<string, Indexed[]>();
  const context = { nowMs: deps.nowMs(), knowsTrack: deps.knowsTrack };
  const check = (from: number): void => {
    for (let index = from; index < Math.min(events.length, from + CHECKED_AT_ONCE); index++) {
      const checked = checkEvent(events[index], context);
      if ('code' in checked) {
        rejected.push({ index, ...checked });
        continue;
      }
      const ofListener = byListener.get(checked.listenerId);
      if (ofListener === undefined) byListener.set(checked.listenerId, [{ index, event: checked }]);
      else ofListener.push({ index, event: checked });
    }
  };
  for (let from = 0; from < events.length; from += CHECKED_AT_ONCE) {
    await deps.inTurn(() => {
      check(from);
    });
  }

  const count: Partial<Record<Outcome, number>> = {};
  const recordOf = async (listenerId: string, entries: readonly Indexed[]): Promise<void> => {
    const ofListener = entries.map(({ event }) => event);
    const outcomes = await deps
      .inTurn(() => deps.recorder.record(listenerId, ofListener))
      // The recorder never rejects: there was no turn for it.
      .catch(() => ofListener.map((): Outcome => 'overloaded'));
    for (const [i, outcome] of outcomes.entries()) {
      count[outcome] = (count[outcome] ?? 0) + 1;
      if (outcome !== 'accepted' && outcome !== 'duplicate')
        rejected.push({ index: entries[i].index, ...REFUSALS[outcome] });
    }
  };
  const left = byListener.entries();
  const recordLeft = async (): Promise<void> => {
    for (const [listenerId, entries] of left) await recordOf(listenerId, entries);
  };
  await Promise.all(Array.from({ length: Math.min(LISTENERS_AT_ONCE, byListener.size) }, recordLeft));
  const { accepted = 0, duplicate = 0, unavailable = 0, overloaded = 0 } = count;
  if (accepted + duplicate === 0 && unavailable + overloaded > 0) {
    const { code, message } = REFUSALS[unavailable > 0 ? 'unavailable' : 'overloaded'];
    throw new SegueError(code, message, 'events', { retryAfterMs: RETRY_AFTER_MS });
  }
  return { accepted, duplicates: duplicate, rejected: rejected.sort((a, b) => a.index - b.index) };
}

function eventsOf(batch: unknown): readonly unknown[] {
  const events = typeof batch === 'object' && batch !== null && 'events' in batch ? batch.events : undefined;
  if (!Array.isArray(events)) {
    throw new SegueError('SEGUE_INVALID_ARGUMENT', `events: given ${shown(events)}; allowed: a list`, 'events');
  }
  if (events.length === 0 || events.length > BATCH_EVENTS_MAX) {
    const message = `events: given ${events.length} entries; allowed: 1 to ${BATCH_EVENTS_MAX}`;
    throw new SegueError('SEGUE_INVALID_ARGUMENT', message, 'events');
  }
  return events;
}
