/** Calls that are not over: how many there may be, and for how long. */
import { constants, type Http2Session, type ServerHttp2Stream } from 'node:http2';
import type { ServerInterceptingCallInterface } from '@grpc/grpc-js';
import { SegueError } from '../../errors.js';
import type { Connection } from '../connections/connection-line.js';
import { connectionOf, type ConnectionLimit } from '../connections/connection-limit.js';
import type { Edge } from '../edge.js';
import { codedStatus } from './coded-status.js';

/** Of all connections together. */
const CALLS_MAX = 4096;
/** Of those that need no key; the oldest make room. */
export const KEYLESS_CALLS_MAX = 1024;
/** A message that is not whole by then is not waited for. */
export const MESSAGE_MS = 10_000;
/** A single answer that is not read by then is not waited for. */
export const CALL_MS = 30_000;
/** Of what a client may still begin: anything. */
const LAST_STREAM_ID = 2 ** 31 - 1;
/** Clients that are refused because so many calls are open try again after so long. */
const RETRY_AFTER_MS = 1000;

export interface OpenCall {
  readonly call: ServerInterceptingCallInterface;
  readonly stream: ServerHttp2Stream;
  readonly method: { readonly requestStream: boolean; readonly responseStream: boolean };
  readonly isKeyless: boolean;
}

interface TimedCall extends OpenCall {
  readonly connection: Connection;
  readonly openedAtMs: number;
}

export interface OpenCallsParts {
  readonly edge: Edge;
  readonly connections: ConnectionLimit;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
}

/** Ends a call with its status; what the client still sends is not taken. */
export function refuseCall({ call, stream }: Pick<OpenCall, 'call' | 'stream'>, error: unknown, edge: Edge): void {
  const coded = edge.failure(error, 'grpc', undefined);
  if (stream.headersSent) {
    // Trailers of a closed stream are never sent; clients take this for UNAVAILABLE.
    stream.close(constants.NGHTTP2_REFUSED_STREAM);
  } else {
    call.sendStatus(codedStatus(coded));
    stream.close(constants.NGHTTP2_NO_ERROR);
  }
}

/** The client makes another connection for its next calls; those that it began before it heard of it are still answered. */
function sayGo(session: Http2Session): void {
  session.goaway(constants.NGHTTP2_NO_ERROR, LAST_STREAM_ID);
  session.ping(() => {
    session.close();
  });
}

export class OpenCalls {
  /** In the order in which they came. */
  private readonly keyed = new Map<ServerHttp2Stream, TimedCall>();
  private readonly keyless = new Map<ServerHttp2Stream, TimedCall>();

  constructor(private readonly parts: OpenCallsParts) {}

  /**
   * Only calls with a key hold a connection open: anybody may watch the health for hours.
   *
   * @throws SegueError `SEGUE_OVERLOADED` where there are too many
   */
  opened(opened: OpenCall): void {
    const { stream, isKeyless } = opened;
    if (isKeyless) this.makeRoom();
    else if (this.keyed.size >= CALLS_MAX) {
      const message = `${CALLS_MAX} calls are open: try again in ${RETRY_AFTER_MS} ms`;
      throw new SegueError('SEGUE_OVERLOADED', message, undefined, { retryAfterMs: RETRY_AFTER_MS });
    }
    const { session } = stream;
    const connection = session === undefined ? undefined : connectionOf(session.socket);
    if (session === undefined || connection === undefined) return;
    const { connections, now } = this.parts;
    const calls = isKeyless ? this.keyless : this.keyed;
    calls.set(stream, { ...opened, connection, openedAtMs: now() });
    if (!isKeyless) {
      connections.asked(connection);
      if (connections.mayGo(connection)) sayGo(session);
    }
    stream.once('close', () => {
      calls.delete(stream);
      if (!isKeyless) connections.over(connection);
    });
  }

  /** Ends what takes too long; to be called every few seconds. */
  closeLate(): void {
    const nowMs = this.parts.now();
    for (const calls of [this.keyed, this.keyless]) {
      for (const open of calls.values()) {
        if (nowMs - open.openedAtMs < MESSAGE_MS) break;
        this.closeIfLate(open, nowMs);
      }
    }
  }

  private closeIfLate(open: TimedCall, nowMs: number): void {
    const { stream, method, connection, openedAtMs } = open;
    const { connections, edge } = this.parts;
    if (method.requestStream) return;
    if (!method.responseStream && nowMs - openedAtMs >= CALL_MS) {
      connections.close(connection.socket, 'silent');
    } else if (!stream.readableEnded && !stream.closed) {
      const message = `the message did not arrive within ${MESSAGE_MS / 1000} s`;
      refuseCall(open, new SegueError('SEGUE_DEADLINE_EXCEEDED', message), edge);
    }
  }

  private makeRoom(): void {
    if (this.keyless.size < KEYLESS_CALLS_MAX) return;
    const [oldest] = this.keyless.values();
    const message = `more than ${KEYLESS_CALLS_MAX} calls without a key are open: call again`;
    refuseCall(oldest, new SegueError('SEGUE_UNAVAILABLE', message), this.parts.edge);
    this.keyless.delete(oldest.stream);
  }
}
