import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { boundConnections, UNANSWERED_MAX } from './connections.js';

const REQUEST = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n';

let server: Server;
let client: Socket;
let waiting: ServerResponse[];
let received: string;

beforeEach(async () => {
  waiting = [];
  received = '';
  server = createServer((_request, response) => waiting.push(response));
  boundConnections(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.setEncoding('latin1').on('data', (text: string) => {
    received += text;
  });
  client.on('error', () => undefined);
});

afterEach(() => {
  client.destroy();
  server.closeAllConnections();
  server.close();
});

it('a connection may have many requests unanswered, and gets all answers', async () => {
  client.write(REQUEST.repeat(UNANSWERED_MAX));
  while (waiting.length < UNANSWERED_MAX) await new Promise(setImmediate);
  for (const response of waiting) response.end('x');
  while (received.split('HTTP/1.1 200').length - 1 < UNANSWERED_MAX) await new Promise(setImmediate);
  // Those are answered, so as many may follow.
  client.write(REQUEST.repeat(UNANSWERED_MAX));
  while (waiting.length < 2 * UNANSWERED_MAX) await new Promise(setImmediate);
  expect(client.destroyed).toBe(false);
});

it('with more it is closed, and nothing more is read of it', async () => {
  const closed = new Promise((resolve) => client.once('close', resolve));
  client.write(REQUEST.repeat(60_000));
  await closed;
  // What one read of 64 KiB brought is dispatched, no more.
  expect(waiting.length).toBeLessThanOrEqual(UNANSWERED_MAX + Math.ceil(65_536 / REQUEST.length));
  expect(waiting.every(({ destroyed }) => destroyed)).toBe(true);
});
