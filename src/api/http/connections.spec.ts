import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { ConnectionLimit, type ClosedCause } from '../connections/connection-limit.js';
import { boundConnections, UNANSWERED_MAX } from './connections.js';

const REQUEST = 'GET / HTTP/1.1\r\nhost: x\r\n\r\n';
const CONNECTIONS_MAX = 3;
const KEEP_ALIVE_MS = 60_000;
const LOOK_MS = 10;
const UNREAD_MS = 200;

let server: Server;
let clients: Socket[];
let waiting: ServerResponse[];
let causes: ClosedCause[];
let nowMs: number;

beforeEach(async () => {
  waiting = [];
  causes = [];
  clients = [];
  nowMs = 0;
  server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (_request, response) => waiting.push(response));
  server.timeout = UNREAD_MS / 2;
  const observer = { closed: (_transport: string, cause: ClosedCause) => causes.push(cause), watch: () => undefined };
  const parts = { transport: 'http', observer, now: () => nowMs, connectionsMax: CONNECTIONS_MAX } as const;
  boundConnections(server, new ConnectionLimit(parts), { unreadMs: UNREAD_MS, lookEveryMs: LOOK_MS });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => {
  for (const client of clients) client.destroy();
  server.closeAllConnections();
  server.close();
});

interface Received {
  text: string;
}

async function open(): Promise<Socket & { readonly received: Received }> {
  const accepted = once(server, 'connection');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  clients.push(client);
  const received: Received = { text: '' };
  client.on('error', () => undefined);
  client.setEncoding('latin1').on('data', (text: string) => {
    received.text += text;
  });
  await accepted;
  return Object.assign(client, { received });
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate);
}

function closing(socket: Socket): Promise<unknown> {
  return new Promise((resolve) => socket.once('close', resolve));
}

/** Sends a request on it, which waits for its answer. */
async function ask(client: Socket): Promise<ServerResponse> {
  const before = waiting.length;
  client.write(REQUEST);
  await until(() => waiting.length > before);
  return waiting[before];
}

async function askAndRead(client: Socket): Promise<void> {
  const response = await ask(client);
  response.end('x');
  await once(response, 'close');
}

describe('requests of one connection', () => {
  beforeEach(() => {
    server.timeout = 0;
  });

  it('may be many, and get all answers', async () => {
    const client = await open();
    client.write(REQUEST.repeat(UNANSWERED_MAX));
    await until(() => waiting.length === UNANSWERED_MAX);
    for (const response of waiting) response.end('x');
    await until(() => client.received.text.split('HTTP/1.1 200').length - 1 === UNANSWERED_MAX);
    // Those are answered, so as many may follow.
    client.write(REQUEST.repeat(UNANSWERED_MAX));
    await until(() => waiting.length === 2 * UNANSWERED_MAX);
    expect(client.destroyed).toBe(false);
    expect(causes).toEqual([]);
  });

  it('close it when they are more, and nothing more is read of it', async () => {
    const client = await open();
    const closed = closing(client);
    client.write(REQUEST.repeat(60_000));
    await closed;
    // What one read of 64 KiB brought is dispatched, no more.
    expect(waiting.length).toBeLessThanOrEqual(UNANSWERED_MAX + Math.ceil(65_536 / REQUEST.length));
    await until(() => waiting.every(({ destroyed }) => destroyed));
    expect(causes).toEqual(['unanswered']);
  });
});

describe('a new connection where no more are allowed', () => {
  beforeEach(() => {
    server.timeout = 0;
  });

  it('closes the one that has been idle for longest', async () => {
    const [first, second, third] = [await open(), await open(), await open()];
    for (const client of [second, first, third]) await askAndRead(client);
    const closed = closing(second);
    const fourth = await open();
    await closed;
    await askAndRead(fourth);
    expect([first.destroyed, third.destroyed]).toEqual([false, false]);
    expect(causes).toEqual(['made-room']);
  });

  it('never closes one with a request under way, and is refused where all have one', async () => {
    const busy = [await open(), await open(), await open()];
    for (const client of busy) await ask(client);
    await closing(await open());
    expect(causes).toEqual(['refused']);
    waiting[1].end('x');
    await once(waiting[1], 'close');
    const closed = closing(busy[1]);
    await askAndRead(await open());
    await closed;
    expect(causes).toEqual(['refused', 'made-room']);
    expect([busy[0].destroyed, busy[2].destroyed]).toEqual([false, false]);
  });

  it('closes one that never asked for anything first, unless it is so new that its request may be on its way', async () => {
    const [asked, silent] = [await open(), await open()];
    await askAndRead(asked);
    nowMs = 5000;
    const fresh = await open();
    const closedFirst = closing(silent);
    const fourth = await open();
    await closedFirst;
    const closedThen = closing(asked);
    await open();
    await closedThen;
    expect([fresh.destroyed, fourth.destroyed]).toEqual([false, false]);
  });

  it('finds room again once others have gone by themselves', async () => {
    for (let i = 0; i < 3 * CONNECTIONS_MAX; i++) {
      const accepted = once(server, 'connection');
      const client = await open();
      const [socket] = (await accepted) as [Socket];
      await askAndRead(client);
      const gone = closing(socket);
      client.destroy();
      await gone;
    }
    expect(causes).toEqual([]);
  });
});

describe('a connection on which nothing was asked', () => {
  const severalLooks = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10 * LOOK_MS));

  it('is kept as long as one that had requests', async () => {
    const client = await open();
    nowMs = KEEP_ALIVE_MS - 1;
    await severalLooks();
    expect(client.destroyed).toBe(false);
    nowMs = KEEP_ALIVE_MS;
    await closing(client);
    expect(causes).toEqual([]);
  });

  it('is not kept for what begins no request', async () => {
    const client = await open();
    nowMs = 1000;
    client.write('\r\n');
    await severalLooks();
    nowMs += UNREAD_MS - 1;
    client.write('\r\n');
    await severalLooks();
    expect(client.destroyed).toBe(false);
    nowMs++;
    await closing(client);
    expect(causes).toEqual(['silent']);
  });

  it('is as any other once something is', async () => {
    const client = await open();
    client.write('\r\n');
    await severalLooks();
    await askAndRead(client);
    nowMs = 2 * KEEP_ALIVE_MS;
    await severalLooks();
    expect(client.destroyed).toBe(false);
  });
});

describe('a client that reads nothing', () => {
  const CLOSED_WITHIN_MS = 20 * UNREAD_MS;

  /** Milliseconds until the server has closed it after its last answer. */
  async function closedAfterMs(requests: number, answer: Buffer, unusedMs = 0): Promise<number> {
    const accepted = once(server, 'connection');
    const client = await open();
    const [socket] = (await accepted) as [Socket];
    client.pause();
    await new Promise((resolve) => setTimeout(resolve, unusedMs));
    client.write(REQUEST.repeat(requests));
    await until(() => waiting.length === requests);
    for (const response of waiting) response.end(answer);
    const startMs = performance.now();
    await closing(socket);
    return performance.now() - startMs;
  }

  it('is closed though the kernel took all its answers', async () => {
    expect(await closedAfterMs(100, Buffer.alloc(2000))).toBeLessThan(CLOSED_WITHIN_MS);
  });

  it('is closed where the kernel takes no more', async () => {
    expect(await closedAfterMs(250, Buffer.alloc(80_000))).toBeLessThan(CLOSED_WITHIN_MS);
    expect(causes).toEqual(['silent']);
  });

  it('is closed no later where its connection was opened long before', async () => {
    expect(await closedAfterMs(250, Buffer.alloc(80_000), 2 * UNREAD_MS)).toBeLessThan(CLOSED_WITHIN_MS);
    expect(causes).toEqual(['silent']);
  });

  it('is not taken for one that waits for the next of its requests, one after another', async () => {
    const client = await open();
    await askAndRead(client);
    await askAndRead(client);
    await new Promise((resolve) => setTimeout(resolve, 3 * UNREAD_MS));
    expect(client.destroyed).toBe(false);
  });
});
