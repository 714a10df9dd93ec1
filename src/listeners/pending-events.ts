/**
 * Events that are durable in the log while the session write behind them failed. They were not acknowledged. They are kept
 * until a write succeeds: the client's own retry, the listener's next events, or `settle` of the recorder bring it about; a
 * crash leaves it to the replay.
 */
import type { Appended } from '../events/event-log.js';
import type { LiveEvent } from './live-event.js';

export interface PendingOfListener {
  readonly events: Map<string, LiveEvent>;
  readonly appended: Appended[];
}

export class PendingEvents {
  private readonly byListener = new Map<string, PendingOfListener>();
  private count = 0;

  /** Events, of all listeners. */
  get size(): number {
    return this.count;
  }

  of(listenerId: string): PendingOfListener | undefined {
    return this.byListener.get(listenerId);
  }

  listeners(): string[] {
    return [...this.byListener.keys()];
  }

  add(listenerId: string, events: readonly LiveEvent[], appended: readonly Appended[]): void {
    const pending = this.byListener.get(listenerId) ?? { events: new Map<string, LiveEvent>(), appended: [] };
    this.byListener.set(listenerId, pending);
    this.count -= pending.events.size;
    for (const event of events) pending.events.set(event.eventId, event);
    pending.appended.push(...appended);
    this.count += pending.events.size;
  }

  /** They are in the session. */
  settle(listenerId: string): void {
    const pending = this.byListener.get(listenerId);
    if (pending === undefined) return;
    this.count -= pending.events.size;
    this.byListener.delete(listenerId);
    for (const appended of pending.appended) appended.settle();
  }
}
