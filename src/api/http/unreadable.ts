/** Answers what HTTP's own parser refuses, before there is a request: with a code and a sentence, as everything else. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { SegueError } from '../../errors.js';
import type { Edge } from '../edge.js';

interface Unreadable {
  readonly status: number;
  readonly error: SegueError;
}

function unreadable(code: string | undefined): Unreadable {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, error: new SegueError('SEGUE_DEADLINE_EXCEEDED', 'the request did not arrive in time') };
    case 'HPE_HEADER_OVERFLOW':
      return {
        status: 431,
        error: new SegueError('SEGUE_TOO_LARGE', 'headers: given more than 16 KB; allowed: 16 KB'),
      };
    default:
      return { status: 400, error: new SegueError('SEGUE_MALFORMED', 'the connection does not speak HTTP/1.1') };
  }
}

/** Tells the client, counts it, and closes the connection. */
export function answerUnreadable(edge: Edge, failure: { readonly code?: string }, socket: Socket): void {
  if (failure.code === 'ECONNRESET' || socket.destroyed) return;
  // Node counts the time of the first request from the connection on; no request has begun, and its time begins when one does.
  if (failure.code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket.bytesRead === 0) return;
  const { status, error } = unreadable(failure.code);
  const { code, message } = edge.failure(error, 'http', undefined);
  const body = JSON.stringify({ code, message });
  if (socket.writable) {
    socket.write(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-type: application/json; charset=utf-8\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    );
  }
  socket.destroy();
}
