/** One key on its way, and the call that carries it. */
import type { RowOutcome } from '../row-reads.js';
import { StoreError, type RowStore } from '../row-store.js';
import { readApart } from './read-apart.js';
import type { Awaited, RowWaiter } from './row-waiter.js';

/** A key, and who waits for it. */
export class Flight implements Awaited {
  /** Callers that have not left. */
  waiting = 0;
  call: FlightCall | undefined;
  private readonly waiters: RowWaiter[] = [];
  private readonly places: number[] = [];

  constructor(readonly key: string) {}

  join(waiter: RowWaiter, place: number): void {
    this.waiters.push(waiter);
    this.places.push(place);
    if (this.waiting++ === 0) this.call?.wanted();
    waiter.waitFor(place, this);
  }

  leave(why: StoreError): void {
    if (--this.waiting === 0) this.call?.unwanted(why);
  }

  land(outcome: RowOutcome): void {
    for (let i = 0; i < this.waiters.length; i++) this.waiters[i]?.arrive(this.places[i] ?? 0, outcome);
  }
}

/** A call under way for the keys of some flights. */
export class FlightCall {
  /** It was aborted, as nobody waited for any of its keys. */
  abandoned = false;
  private readonly stop = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  private wantedFlights: number;
  private over = false;

  /** @param onEnd called once, before the outcomes are given to those who wait */
  constructor(
    readonly flights: readonly Flight[],
    private readonly onEnd: (call: FlightCall) => void,
  ) {
    this.wantedFlights = flights.length;
    for (const flight of flights) flight.call = this;
  }

  /** @param timeoutMs after so long, all keys fail with `timeout` */
  begin(store: Pick<RowStore, 'read'>, table: string, timeoutMs: number): void {
    this.timer = setTimeout(() => {
      this.fail(new StoreError('timeout', `no answer within ${timeoutMs} ms`));
    }, timeoutMs);
    const refs = this.flights.map(({ key }) => ({ table, key }));
    void readApart(store, refs, { signal: this.stop.signal }).then((outcomes) => {
      this.end((i) => outcomes[i]);
    });
  }

  wanted(): void {
    this.wantedFlights++;
  }

  unwanted(why: StoreError): void {
    if (--this.wantedFlights > 0 || this.over) return;
    this.abandoned = true;
    this.fail(why);
  }

  /** The reason tells the driver whether the store was silent for too long or nobody cares any more. */
  private fail(why: StoreError): void {
    this.end(() => why);
    this.stop.abort(why);
  }

  private end(outcomeOf: (i: number) => RowOutcome): void {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.timer);
    this.onEnd(this);
    for (let i = 0; i < this.flights.length; i++) this.flights[i]?.land(outcomeOf(i));
  }
}
