/** What one connection, and all of them, may hold of this process. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { connectionOf, type ConnectionLimit } from '../connections/connection-limit.js';

/** Requests of one connection that are not answered yet (HTTP/1.1 pipelining). With more, the connection is closed. */
export const UNANSWERED_MAX = 256;

/**
 * A client that sends without waiting for answers must not fill this process with its requests, nor the kernel with answers
 * that it does not read. What the kernel has taken, Node counts as sent, and the connection as one that is kept alive: so after
 * several requests at once the next must come within `unreadMs`. A connection that was opened ahead of its first request is kept as
 * long as one that had some.
 */
export function boundConnections(server: Server, connections: ConnectionLimit, unreadMs: number): void {
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
    // It may have waited long for its first request.
    if (connection.wasSilent) socket.setTimeout(server.timeout);
    connections.asked(connection);
    response.once('close', answered);
    if (connection.underWay > UNANSWERED_MAX) connections.close(socket, 'unanswered');
  });
  server.on('timeout', (socket: Socket) => {
    const connection = connectionOf(socket);
    if (connection === undefined) return;
    // A request that does not arrive has a time of its own, and one that is worked on is not to blame.
    const isUnread = socket.writableLength > 0;
    const isKept = connection.underWay === 0 && connection.inARow > 0;
    const isUnused = socket.bytesRead === 0;
    if ((isKept && !isUnread) || (isUnused && connection.wasSilent)) {
      socket.destroy();
    } else if (isUnused) {
      connection.wasSilent = true;
      socket.setTimeout(server.keepAliveTimeout);
    } else if (isUnread || connection.wasSilent) {
      connections.close(socket, 'silent');
    } else {
      connection.wasSilent = true;
      socket.setTimeout(server.timeout);
    }
  });
}
