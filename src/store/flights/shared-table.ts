/** The flights of one table: which can be joined, which wait to be sent, and when they go. */
import { parseTableName } from '../limits.js';
import { StoreError, type RowStore } from '../row-store.js';
import { Flight, FlightCall } from './flight.js';
import type { RowWaiter } from './row-waiter.js';

export interface SharedReadsLimits {
  /** Keys of one call at most. */
  readonly keysPerCallMax: number;
  /** With fewer calls of a table under way, keys are sent at the end of the turn. */
  readonly callsBeforeCollecting: number;
  /** Milliseconds that keys wait for a call of their table to end, at most. */
  readonly collectMs: number;
  /** Keys that are waited for, sent or not; a further one is refused with `overload`. */
  readonly flightsMax: number;
  /** Milliseconds from being sent until a flight fails with `timeout`. */
  readonly flightMsMax: number;
}

/** Since the start. */
export interface SharedReadsCounts {
  /** Calls that were answered, or failed. */
  readonly answered: number;
  /** Calls that were aborted, as nobody waited for any of their keys. */
  readonly abandoned: number;
  /** Keys that went into calls. */
  readonly sent: number;
  /** Keys that were asked for already. */
  readonly joined: number;
  /** Keys refused with `overload`. */
  readonly refused: number;
}

/** What the tables have in common. */
export interface Shared {
  readonly store: Pick<RowStore, 'read'>;
  readonly limits: SharedReadsLimits;
  readonly counts: { -readonly [Name in keyof SharedReadsCounts]: number };
  flights: number;
  readonly flushSoon: () => void;
}

export class SharedTable {
  private readonly immutable: boolean;
  /** Those that another caller may join. */
  private readonly joinable = new Map<string, Flight>();
  private unsent: Flight[] = [];
  private calls = 0;
  private collecting: NodeJS.Timeout | undefined;

  /** @throws StoreError when it is no name of a table */
  constructor(
    private readonly name: string,
    private readonly shared: Shared,
  ) {
    this.immutable = parseTableName(name).generation !== undefined;
  }

  get idle(): boolean {
    return this.calls === 0 && this.unsent.length === 0;
  }

  /** @throws StoreError `overload` */
  ask(key: string, waiter: RowWaiter, place: number): void {
    const { shared } = this;
    let flight = this.joinable.get(key);
    if (flight !== undefined) shared.counts.joined++;
    else {
      if (shared.flights >= shared.limits.flightsMax) {
        shared.counts.refused++;
        throw new StoreError('overload', `${shared.flights} rows are being read already`);
      }
      flight = new Flight(key);
      shared.flights++;
      this.joinable.set(key, flight);
      this.unsent.push(flight);
      shared.flushSoon();
    }
    flight.join(waiter, place);
  }

  /** Sends what need not wait any longer. */
  flush(): void {
    const { keysPerCallMax, callsBeforeCollecting, collectMs } = this.shared.limits;
    while (this.unsent.length >= keysPerCallMax) this.send(keysPerCallMax);
    if (this.unsent.length === 0) return;
    if (this.calls < callsBeforeCollecting) this.send(keysPerCallMax);
    else this.collecting ??= setTimeout(this.onCollected, collectMs);
  }

  private readonly onCollected = (): void => {
    this.collecting = undefined;
    while (this.unsent.length > 0) this.send(this.shared.limits.keysPerCallMax);
  };

  private send(count: number): void {
    const taken = this.unsent.splice(0, count);
    if (this.unsent.length === 0) {
      clearTimeout(this.collecting);
      this.collecting = undefined;
    }
    const flights = taken.filter((flight) => flight.waiting > 0);
    for (const flight of taken) if (!this.immutable || flight.waiting === 0) this.joinable.delete(flight.key);
    this.shared.flights -= taken.length - flights.length;
    if (flights.length === 0) return;
    this.calls++;
    this.shared.counts.sent += flights.length;
    new FlightCall(flights, this.landed).begin(this.shared.store, this.name, this.shared.limits.flightMsMax);
  }

  private readonly landed = ({ flights, abandoned }: FlightCall): void => {
    this.calls--;
    this.shared.flights -= flights.length;
    if (abandoned) this.shared.counts.abandoned++;
    else this.shared.counts.answered++;
    for (const flight of flights) if (this.joinable.get(flight.key) === flight) this.joinable.delete(flight.key);
    if (this.unsent.length > 0) this.shared.flushSoon();
  };
}
