/**
 * Takes events of listeners: known ones are told apart, new ones go to the log and then into the session. One at a time for
 * each listener within a process; between processes the event id, which names the column, keeps an event from counting twice.
 */
import type { Appended, EventLog } from '../events/event-log.js';
import { EventLogError } from '../events/event-log.js';
import type { RowStore } from '../store/row-store.js';
import type { ListenerRows } from './known-events.js';
import type { KnownBindings } from './known-bindings.js';
import { expiredColumns, isKnown } from './known-events.js';
import type { LiveEvent } from './live-event.js';
import { recordOfEvent } from './live-event.js';
import { PendingEvents } from './pending-events.js';
import { sessionChange } from './session-change.js';
import { HIDE_PREFIX, repeatsRef, sessionRef } from './session-row.js';
import { Turns, TurnsFullError } from './turns.js';

/** Events of a listener that are remembered for two days at most; 6 a minute, all day. */
export const REMEMBERED_EVENTS_MAX = 20_000;
export const HIDDEN_TRACKS_MAX = 2_000;
/** Durable events that wait for the store; with more, new ones are refused before they reach the log. */
export const PENDING_EVENTS_MAX = 10_000;

export type Refusal = 'unavailable' | 'overloaded' | 'too-many-events' | 'too-many-hidden';
export type Outcome = 'accepted' | 'duplicate' | Refusal;

export interface RecorderObserver {
  recorded(outcome: Outcome): void;
  /** The store or the log failed. */
  failed(part: 'read' | 'log' | 'session', error: unknown): void;
}

export interface EventRecorderParts {
  readonly store: RowStore;
  readonly log: Pick<EventLog, 'append'>;
  /** Wall clock, epoch milliseconds. */
  readonly nowMs: () => number;
  readonly observer?: RecorderObserver;
  /** Told of every event that counts from now on, or did already. */
  readonly bindings?: Pick<KnownBindings, 'note'>;
  readonly storeTimeoutMs?: number;
  /** Pending events are tried again this often. */
  readonly settleMs?: number;
}

export class EventRecorder {
  private readonly turns = new Turns({ perKey: 64, total: 10_000 });
  private readonly pending = new PendingEvents();
  private readonly storeTimeoutMs: number;
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly parts: EventRecorderParts) {
    this.storeTimeoutMs = parts.storeTimeoutMs ?? 2_000;
    this.timer = setInterval(() => void this.settle(), parts.settleMs ?? 1_000).unref();
  }

  /** Durable events that are not in the session yet. */
  get pendingEvents(): number {
    return this.pending.size;
  }

  /** Records events of one listener; an outcome for each, in order. Never rejects. */
  async record(listenerId: string, events: readonly LiveEvent[]): Promise<Outcome[]> {
    const outcomes = await this.inTurn(listenerId, () => this.recordInTurn(listenerId, events)).catch(
      (error: unknown): Outcome[] => events.map(() => (error instanceof TurnsFullError ? 'overloaded' : 'unavailable')),
    );
    for (const outcome of outcomes) this.parts.observer?.recorded(outcome);
    return outcomes;
  }

  /**
   * Brings events of one listener that are in the log already into the session; known ones change nothing. Returns how many
   * were not known. Rejects with the store's error.
   */
  replay(listenerId: string, events: readonly LiveEvent[]): Promise<number> {
    return this.inTurn(listenerId, async () => {
      const rows = await this.read(listenerId);
      this.parts.bindings?.note(listenerId, events);
      const missing = new Map(events.map((event) => [event.eventId, event]));
      for (const eventId of missing.keys()) if (this.knows(rows, eventId)) missing.delete(eventId);
      await this.write(listenerId, rows, [...missing.values()]);
      return missing.size;
    });
  }

  /** Tries the session write of all pending events again. Returns how many are left. */
  async settle(): Promise<number> {
    for (const listenerId of this.pending.listeners()) {
      await this.record(listenerId, []);
      // The store is still down: no use in asking for each listener.
      if (this.pending.of(listenerId) !== undefined) break;
    }
    return this.pending.size;
  }

  /** Tries once more to settle what is pending; what is left is for the replay. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.settle();
  }

  private inTurn<T>(listenerId: string, work: () => Promise<T>): Promise<T> {
    return this.turns.take(listenerId, work);
  }

  private async recordInTurn(listenerId: string, events: readonly LiveEvent[]): Promise<Outcome[]> {
    const rows = await this.read(listenerId);
    const pending = this.pending.of(listenerId)?.events ?? new Map<string, LiveEvent>();
    const fresh = new Map<string, LiveEvent>();
    const outcomes = new Map<string, Outcome>();
    const limits = limitsOf(rows, this.parts.nowMs());
    for (const event of events) {
      const { eventId } = event;
      if (outcomes.has(eventId)) continue;
      if (this.knows(rows, eventId)) outcomes.set(eventId, 'duplicate');
      else if (pending.has(eventId)) outcomes.set(eventId, 'accepted');
      else {
        const refusal = limits(event);
        if (refusal === undefined) fresh.set(eventId, event);
        outcomes.set(eventId, refusal ?? 'accepted');
      }
    }

    const appended = await this.append([...fresh.values()]);
    if (typeof appended === 'string') {
      for (const eventId of fresh.keys()) outcomes.set(eventId, appended);
      fresh.clear();
    }
    this.parts.bindings?.note(
      listenerId,
      events.filter(({ eventId }) => isTaken(outcomes.get(eventId))),
    );
    const entering = [...pending.values(), ...fresh.values()].filter(({ eventId }) => !this.knows(rows, eventId));
    const receipts = typeof appended === 'object' ? [appended] : [];
    try {
      await this.write(listenerId, rows, entering);
      this.pending.settle(listenerId);
      for (const receipt of receipts) receipt.settle();
    } catch (error) {
      this.parts.observer?.failed('session', error);
      this.pending.add(listenerId, [...fresh.values()], receipts);
      for (const { eventId } of entering) outcomes.set(eventId, 'unavailable');
    }
    return inOrder(events, outcomes);
  }

  /** What was appended, nothing for no events, or why not. */
  private async append(events: readonly LiveEvent[]): Promise<Appended | Refusal | undefined> {
    if (events.length === 0) return undefined;
    if (this.pending.size + events.length > PENDING_EVENTS_MAX) return 'unavailable';
    try {
      return await this.parts.log.append('events', events.map(recordOfEvent));
    } catch (error) {
      this.parts.observer?.failed('log', error);
      return error instanceof EventLogError && error.reason === 'overloaded' ? 'overloaded' : 'unavailable';
    }
  }

  private async read(listenerId: string): Promise<ListenerRows> {
    try {
      const [session, repeats] = await this.parts.store.read([sessionRef(listenerId), repeatsRef(listenerId)], {
        timeoutMs: this.storeTimeoutMs,
      });
      return { session, repeats };
    } catch (error) {
      this.parts.observer?.failed('read', error);
      throw error;
    }
  }

  private knows(rows: ListenerRows, eventId: string): boolean {
    return isKnown(rows, eventId, this.parts.nowMs());
  }

  /** The order is what a crash in between can bear; see docs/events.md. */
  private async write(listenerId: string, rows: ListenerRows, events: readonly LiveEvent[]): Promise<void> {
    if (events.length === 0) return;
    const { store } = this.parts;
    const options = { timeoutMs: this.storeTimeoutMs };
    const { remember, session, rememberLate } = sessionChange(rows, events, this.parts.nowMs());
    if (remember !== undefined) await store.mutate(repeatsRef(listenerId), remember, options);
    await store.mutate(sessionRef(listenerId), session, options);
    if (rememberLate !== undefined) await store.mutate(repeatsRef(listenerId), rememberLate, options);
  }
}

/** Stored, or in the log at least, from which it will be. */
function isTaken(outcome: Outcome | undefined): boolean {
  return outcome === 'accepted' || outcome === 'duplicate';
}

/** A listener's rows stay bounded: counts what a batch adds to them, and refuses what goes beyond. */
function limitsOf({ session, repeats }: ListenerRows, nowMs: number): (event: LiveEvent) => Refusal | undefined {
  let remembered = (repeats?.size ?? 0) - expiredColumns(repeats, nowMs).length;
  let hidden = 0;
  for (const column of session?.keys() ?? []) if (column.startsWith(HIDE_PREFIX)) hidden++;
  return ({ type, trackId }) => {
    if (remembered >= REMEMBERED_EVENTS_MAX) return 'too-many-events';
    remembered++;
    if (type !== 'hide' || session?.has(HIDE_PREFIX + trackId)) return undefined;
    if (hidden >= HIDDEN_TRACKS_MAX) return 'too-many-hidden';
    hidden++;
    return undefined;
  };
}

/** An id that occurs again within a batch counts once. */
function inOrder(events: readonly LiveEvent[], outcomes: ReadonlyMap<string, Outcome>): Outcome[] {
  const seen = new Set<string>();
  return events.map(({ eventId }) => {
    const outcome = outcomes.get(eventId) ?? 'unavailable';
    const repeated = seen.has(eventId) && outcome === 'accepted';
    seen.add(eventId);
    return repeated ? 'duplicate' : outcome;
  });
}
