/** What clients over gRPC may hold of a process, and for how long. A clock of its own spares the waiting. */
import { once } from 'node:events';
import {
  connect,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type Settings,
} from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { create, toBinary } from '@bufbuild/protobuf';
import { IDLE_MS } from '../../src/api/grpc/grpc-listener.js';
import { CALL_MS, KEYLESS_CALLS_MAX, MESSAGE_MS } from '../../src/api/grpc/open-calls.js';
import { RecommendRequestSchema } from '../../src/gen/segue/v1/recommend_pb.js';
import { SegueError } from '../../src/errors.js';
import { startEdge, type EdgeServers } from './edge-servers.js';

const KEY = '0123456789abcdef';
const RECOMMEND = '/segue.v1.RecommenderService/Recommend';
const WATCH = '/grpc.health.v1.Health/Watch';
const REJECTION = { index: 0, code: 'SEGUE_INVALID_ARGUMENT', field: 'events', message: 'x'.repeat(100) } as const;

let edge: EdgeServers;
let sessions: ClientHttp2Session[];
let skippedMs: number;
let asked: number;

beforeEach(async () => {
  sessions = [];
  skippedMs = 0;
  asked = 0;
  edge = await startEdge(
    {
      recommender: {
        recommend: () => {
          asked++;
          return Promise.reject(new SegueError('SEGUE_UNAVAILABLE', 'later'));
        },
      },
      recorder: {
        record: () => {
          asked++;
          return Promise.resolve({ accepted: 0, duplicates: 0, rejected: [REJECTION] });
        },
      },
    },
    { SEGUE_CLIENT_KEYS: `app:${KEY}` },
    () => performance.now() + skippedMs,
  );
});

afterEach(async () => {
  for (const session of sessions) session.destroy();
  await edge.close();
});

function session(settings: Settings = {}): ClientHttp2Session {
  const opened = connect(`http://127.0.0.1:${edge.grpcPort}`, { settings });
  opened.on('error', () => undefined);
  sessions.push(opened);
  return opened;
}

function call(on: ClientHttp2Session, path: string, key?: string): ClientHttp2Stream {
  const stream = on.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...(key !== undefined && { authorization: `Bearer ${key}` }),
  });
  stream.on('error', () => undefined);
  return stream.resume();
}

/** The beginning of a message with its length before it. */
function frame(message: Uint8Array, lengthBytes = message.length): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(lengthBytes, 1);
  return Buffer.concat([head, message]);
}

function closing(emitter: ClientHttp2Stream | ClientHttp2Session): Promise<unknown> {
  return new Promise((resolve) => emitter.once('close', resolve));
}

/** Resolves when the server has seen all that was sent before. */
async function arrival(on: ClientHttp2Session): Promise<void> {
  if (on.connecting) await once(on, 'connect');
  await new Promise(setImmediate);
  await new Promise((resolve) => on.ping(resolve));
}

async function headersOf(stream: ClientHttp2Stream): Promise<IncomingHttpHeaders> {
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
  return headers;
}

it('refuses a call without a key before a byte of its message is here, and takes none', async () => {
  const stream = call(session(), RECOMMEND);
  const closed = closing(stream);
  expect(await headersOf(stream)).toMatchObject({ 'grpc-status': '16', 'segue-code': 'SEGUE_UNAUTHENTICATED' });
  stream.write(frame(Buffer.alloc(100_000), 512_000));
  await closed;
  expect(JSON.stringify(await edge.telemetry.snapshot())).toContain('SEGUE_UNAUTHENTICATED');
});

it('does not wait for a message for ever', async () => {
  const stream = call(session(), RECOMMEND, KEY);
  stream.write(frame(Buffer.alloc(100_000), 512_000));
  const closed = closing(stream);
  const refused = headersOf(stream);
  await arrival(sessions[0]);
  skippedMs = MESSAGE_MS;
  expect(await refused).toMatchObject({ 'grpc-status': '4', 'segue-code': 'SEGUE_DEADLINE_EXCEEDED' });
  await closed;
  expect(asked).toBe(0);
});

it('closes a connection of which an answer is not read', async () => {
  const opened = session({ initialWindowSize: 0 });
  const stream = call(opened, '/segue.v1.EventsService/Record', KEY);
  stream.end(frame(new Uint8Array()));
  const closed = closing(opened);
  while (asked === 0) await new Promise(setImmediate);
  skippedMs = CALL_MS;
  await closed;
});

it('closes a connection that does not begin to speak', async () => {
  const socket = connectSocket(edge.grpcPort, '127.0.0.1');
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await once(socket, 'connect');
  const speaking = session();
  await arrival(speaking);
  skippedMs = 10_000;
  await closed;
  expect(speaking.closed).toBe(false);
});

it('closes a connection on which nothing is asked, and none with a call under way', async () => {
  const [idle, busy] = [session(), session()];
  await headersOf(
    call(idle, RECOMMEND, KEY).end(frame(toBinary(RecommendRequestSchema, create(RecommendRequestSchema)))),
  );
  const reflection = call(busy, '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo', KEY);
  await arrival(busy);
  const closed = closing(idle);
  skippedMs = IDLE_MS + 10_000;
  await closed;
  expect([busy.closed, reflection.closed]).toEqual([false, false]);
});

it('lets whoever watches the health for longest make room for another', async () => {
  const watch = async (): Promise<ClientHttp2Stream> => {
    if (watches.length % 256 === 0) session();
    const stream = call(sessions.at(-1)!, WATCH);
    stream.end(frame(new Uint8Array()));
    watches.push(stream);
    await once(stream, 'response');
    return stream;
  };
  const watches: ClientHttp2Stream[] = [];
  for (let i = 0; i < KEYLESS_CALLS_MAX; i++) await watch();
  const closed = closing(watches[0]);
  await watch();
  await closed;
  expect(watches.filter((stream) => stream.closed)).toHaveLength(1);
});
