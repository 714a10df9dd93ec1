/** Connections in the order in which they came; each step takes the same time, however many there are. */
import type { Socket } from 'node:net';

/** One connection, and its place in a line. */
export class Connection {
  /** Requests or calls that are not over yet. */
  underWay = 0;
  /** Requests that came since nothing was under way; more than one were sent without waiting for answers. */
  inARow = 0;
  /** Of {@link ConnectionLimit.takeActive}'s periods, the last in which something was asked. */
  askedIn = -1;
  /** Whether its client was told to make another. */
  isGoing = false;
  /** Whether nothing has moved for a while since the last request came. */
  wasSilent = false;
  /** When it was first seen that something had come before a first request; monotonic, milliseconds. */
  spokeAtMs: number | undefined;
  /** When it was opened, or the last request was over; monotonic, milliseconds. */
  idleSinceMs = 0;
  /** In which it stands; none while something is under way. */
  line: ConnectionLine | undefined;
  previous: Connection | undefined;
  next: Connection | undefined;

  constructor(readonly socket: Socket) {}
}

export class ConnectionLine {
  /** Who came first. */
  first: Connection | undefined;
  private last: Connection | undefined;

  append(connection: Connection): void {
    connection.line = this;
    connection.previous = this.last;
    connection.next = undefined;
    if (this.last === undefined) this.first = connection;
    else this.last.next = connection;
    this.last = connection;
  }

  /** One that stands in this line. */
  remove(connection: Connection): void {
    const { previous, next } = connection;
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next === undefined) this.last = previous;
    else next.previous = previous;
    connection.line = undefined;
    connection.previous = undefined;
    connection.next = undefined;
  }
}
