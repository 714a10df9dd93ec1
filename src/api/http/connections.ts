/** What one connection, and all of them, may hold of this process. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { connectionOf, type ConnectionLimit } from '../connections/connection-limit.js';

/** Requests of one connection that are not answered yet (HTTP/1.1 pipelining). With more, the connection is closed. */
export const UNANSWERED_MAX = 256;

export interface ConnectionBounds {
  /** So long, answers may lie unread. */
  readonly unreadMs: number;
  /** So often, it is looked for connections on which nothing was asked. */
  readonly lookEveryMs: number;
}

/**
 * A client that sends without waiting for answers must not fill this process with its requests, nor the kernel with answers
 * that it does not read. What the kernel has taken, Node counts as sent, and the connection as one that is kept alive: so after
 * several requests at once the next must come within `unreadMs`. A connection that was opened ahead of its first request is kept as
 * long as one that had some; one whose first request does not arrive, Node answers and closes, unless what came begins none.
 */
export function boundConnections(server: Server, connections: ConnectionLimit, bounds: ConnectionBounds): void {
  const { unreadMs, lookEveryMs } = bounds;
  function answered(this: ServerResponse): void {
    const { socket } = this.req;
    const connection = connectionOf(socket);
    if (connection === undefined) return;
    connections.over(connection);
    if (connection.underWay === 0 && connection.inARow > 1) socket.setTimeout(unreadMs);
  }
  server.on('connection', (socket: Socket) => {
    connections.opened(socket);
  });
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const connection = connectionOf(socket);
    if (connection === undefined) return;
    connections.asked(connection);
    response.once('close', answered);
    if (connection.underWay > UNANSWERED_MAX) connections.close(socket, 'unanswered');
  });
  const look = setInterval(() => {
    connections.closeUnused(server.keepAliveTimeout, unreadMs);
  }, lookEveryMs).unref();
  server.once('close', () => {
    clearInterval(look);
  });
  server.on('timeout', (socket: Socket) => {
    const connection = connectionOf(socket);
    if (connection === undefined) return;
    // Before the first request there are other times.
    if (connection.inARow === 0) return;
    // A request that does not arrive has a time of its own, and one that is worked on is not to blame.
    const isUnread = socket.writableLength > 0;
    if (connection.underWay === 0 && !isUnread) {
      socket.destroy();
    } else if (isUnread || connection.wasSilent) {
      connections.close(socket, 'silent');
    } else {
      connection.wasSilent = true;
      socket.setTimeout(server.timeout);
    }
  });
}
