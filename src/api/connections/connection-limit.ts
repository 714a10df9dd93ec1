/** How many connections of one transport a process holds, and which makes room for a new one. */
import type { Socket } from 'node:net';
import type { Transport } from '../../telemetry/instruments.js';
import { Connection, ConnectionLine } from './connection-line.js';

/** Open at once, of each transport. */
export const CONNECTIONS_MAX = 10_000;
/** A connection that has asked nothing for so long is the first to make room; a newer one's request may be on its way. */
const FIRST_REQUEST_MS = 1000;

/**
 * Why a connection was closed: it was idle and another came; all others had something under way; nothing moved on it;
 * more of its requests were unanswered than may be; another process has more time for it,
 * or turns fewer away.
 */
export type ClosedCause = 'made-room' | 'refused' | 'silent' | 'unanswered' | 'balance';

export interface ConnectionObserver {
  /** A connection was closed that its client may have wanted to keep. */
  closed(transport: Transport, cause: ClosedCause): void;
  /** Shows how many are open. */
  watch(transport: Transport, open: () => number): void;
}

export interface ConnectionLimitParts {
  readonly transport: Transport;
  readonly observer: ConnectionObserver;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  /** {@link CONNECTIONS_MAX} where it is left out. */
  readonly connectionsMax?: number;
}

/** On the socket itself: a weak map costs a request some microseconds. */
const CONNECTION = Symbol('connection');

interface Known extends Socket {
  [CONNECTION]?: Connection | undefined;
}

/** What is known of a socket; nothing once it is closed. */
export function connectionOf(socket: Known): Connection | undefined {
  return socket[CONNECTION];
}

export class ConnectionLimit {
  /** Those that never asked for anything. */
  private readonly fresh = new ConnectionLine();
  /** Those that did, and wait for nothing now. */
  private readonly idle = new ConnectionLine();
  private readonly connectionsMax: number;
  private open = 0;
  /** Those on which something was asked in this period. */
  private active = 0;
  private period = 0;
  /** So many of the next that ask for something are told to go. */
  private toGo = 0;

  constructor(private readonly parts: ConnectionLimitParts) {
    this.connectionsMax = parts.connectionsMax ?? CONNECTIONS_MAX;
    parts.observer.watch(parts.transport, () => this.open);
  }

  /** Makes room where there is none. False where nobody could make any: then the socket is closed. */
  opened(socket: Known): boolean {
    if (this.open >= this.connectionsMax && !this.makeRoom()) {
      socket.destroy();
      this.parts.observer.closed(this.parts.transport, 'refused');
      return false;
    }
    const connection = new Connection(socket);
    connection.idleSinceMs = this.parts.now();
    socket[CONNECTION] = connection;
    this.fresh.append(connection);
    this.open++;
    socket.once('close', () => {
      this.forget(socket);
    });
    return true;
  }

  /** Something is under way on it now. */
  asked(connection: Connection): void {
    connection.inARow = connection.underWay === 0 ? 1 : connection.inARow + 1;
    connection.underWay++;
    connection.wasSilent = false;
    connection.line?.remove(connection);
    if (connection.askedIn === this.period) return;
    connection.askedIn = this.period;
    this.active++;
  }

  /** One of the requests is over. */
  over(connection: Connection): void {
    connection.underWay--;
    if (connection.underWay > 0 || connection.socket.destroyed) return;
    connection.idleSinceMs = this.parts.now();
    this.idle.append(connection);
  }

  /** How many asked for something since the last call, which begins a new period. */
  takeActive(): number {
    const { active } = this;
    this.period++;
    this.active = 0;
    return active;
  }

  /** From now on, so many connections are told to go with what they ask next. */
  letGo(count: number): void {
    this.toGo = count;
  }

  /** Whether to tell the connection to go, which is asked once for each: its client makes another. */
  mayGo(connection: Connection): boolean {
    if (this.toGo === 0 || connection.isGoing) return false;
    this.toGo--;
    connection.isGoing = true;
    this.parts.observer.closed(this.parts.transport, 'balance');
    return true;
  }

  close(socket: Known, cause: ClosedCause): void {
    if (socket.destroyed) return;
    // Its client reads nothing, or sends too much: what waits for it in the kernel must not outlive the connection.
    socket.resetAndDestroy();
    this.forget(socket);
    this.parts.observer.closed(this.parts.transport, cause);
  }

  /** Closes connections that never asked for anything and sent less than `bytesMin` for `silentMs`. */
  closeSilent(silentMs: number, bytesMin: number): void {
    const beforeMs = this.parts.now() - silentMs;
    let connection = this.fresh.first;
    while (connection !== undefined && connection.idleSinceMs <= beforeMs) {
      const { next, socket } = connection;
      if (socket.bytesRead < bytesMin) this.close(socket, 'silent');
      connection = next;
    }
  }

  /**
   * Closes connections that never asked for anything: those on which nothing came for `unusedMs`, and those on which `spokenMs` ago
   * something had come that is no request yet, nor refused as none.
   */
  closeUnused(unusedMs: number, spokenMs: number): void {
    const nowMs = this.parts.now();
    for (let connection = this.fresh.first, next; connection !== undefined; connection = next) {
      ({ next } = connection);
      const { socket, idleSinceMs } = connection;
      if (socket.bytesRead > 0) {
        connection.spokeAtMs ??= nowMs;
        if (nowMs - connection.spokeAtMs >= spokenMs) this.close(socket, 'silent');
      } else if (nowMs - idleSinceMs >= unusedMs) {
        socket.destroy();
        this.forget(socket);
      }
    }
  }

  /** Closes connections on which nothing was under way for `idleMs`. */
  closeIdle(idleMs: number): void {
    const beforeMs = this.parts.now() - idleMs;
    for (const line of [this.fresh, this.idle]) {
      for (let { first } = line; first !== undefined && first.idleSinceMs <= beforeMs; { first } = line) {
        first.socket.destroy();
        this.forget(first.socket);
      }
    }
  }

  private makeRoom(): boolean {
    const fresh = this.fresh.first;
    const isLate = fresh !== undefined && this.parts.now() - fresh.idleSinceMs >= FIRST_REQUEST_MS;
    const leaving = isLate ? fresh : (this.idle.first ?? fresh);
    if (leaving === undefined) return false;
    leaving.socket.destroy();
    this.forget(leaving.socket);
    this.parts.observer.closed(this.parts.transport, 'made-room');
    return true;
  }

  /** Its place is free at once; the event comes later. */
  private forget(socket: Known): void {
    const connection = socket[CONNECTION];
    if (connection === undefined) return;
    socket[CONNECTION] = undefined;
    connection.line?.remove(connection);
    this.open--;
  }
}
