/** What one connection, and all of them, may hold of this process. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Open at once; more are closed as they come. */
const CONNECTIONS_MAX = 10_000;
/** Requests of one connection that are not answered yet (HTTP/1.1 pipelining). With more, the connection is closed. */
export const UNANSWERED_MAX = 256;

/** On the socket itself: a weak map costs a request some microseconds. */
const UNANSWERED = Symbol('unanswered requests');

interface Counted extends Socket {
  [UNANSWERED]?: number;
}

/** A client that sends without waiting for answers must not fill this process with its requests. */
export function boundConnections(server: Server): void {
  server.maxConnections = CONNECTIONS_MAX;
  server.on('request', ({ socket }: IncomingMessage & { readonly socket: Counted }, response: ServerResponse) => {
    const count = (socket[UNANSWERED] ?? 0) + 1;
    socket[UNANSWERED] = count;
    if (count > UNANSWERED_MAX) socket.destroy();
    response.once('close', () => {
      socket[UNANSWERED] = (socket[UNANSWERED] ?? 1) - 1;
    });
  });
}
