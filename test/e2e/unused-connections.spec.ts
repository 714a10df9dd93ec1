/** HTTP connections that are opened ahead of the first request on them, as pools of clients do. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { startEdge, type EdgeServers } from './edge-servers.js';

/** Longer than a request may take to arrive, and than it takes to look at that. */
const AHEAD_MS = 12_500;
const REQUEST = 'GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n';

const NOBODY = { recommend: () => Promise.reject(new Error('not asked')), record: () => Promise.reject(new Error()) };

let edge: EdgeServers;
let clients: Socket[];

beforeEach(async () => {
  clients = [];
  edge = await startEdge({ recommender: NOBODY, recorder: NOBODY });
});

afterEach(async () => {
  for (const client of clients) client.destroy();
  await edge.close();
});

async function open(): Promise<Socket> {
  const client = connect(edge.httpPort, '127.0.0.1');
  clients.push(client);
  await once(client, 'connect');
  return client;
}

it('are kept for longer than a request may take to arrive, and serve then', async () => {
  const [unused, half, bodiless] = [await open(), await open(), await open()];
  half.write(REQUEST.slice(0, 10));
  bodiless.write(
    'POST /v1/recommend HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
  );
  await pause(AHEAD_MS);
  unused.write(REQUEST);
  expect(await Promise.all([text(unused), text(half), text(bodiless)])).toEqual([
    expect.stringMatching(/^HTTP\/1.1 200 /),
    expect.stringMatching(/^HTTP\/1.1 408 [^]*"code":"SEGUE_DEADLINE_EXCEEDED"/),
    expect.stringMatching(/^HTTP\/1.1 408 [^]*"code":"SEGUE_DEADLINE_EXCEEDED"/),
  ]);
}, 30_000);

it('do not hold a drain up', async () => {
  const unused = await open();
  const [finished] = await Promise.all([edge.servers.drain(5_000), once(unused, 'close')]);
  expect(finished).toBe(true);
});
