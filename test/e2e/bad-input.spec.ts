import { connect } from 'node:net';
import { text as read } from 'node:stream/consumers';
import type { RecommendResponse } from '../../src/recommend/types.js';
import { BAD_GRPC_BYTES, BAD_HTTP_BYTES, REFUSED, SERVED } from './bad-input.cases.js';
import { startEdge, type EdgeServers } from './edge-servers.js';
import { grpcTransport, httpTransport, type Transport } from './transports.js';

/** Answers whatever passed the checks with an empty slate. */
function emptySlate(requestId: string): RecommendResponse {
  return {
    requestId,
    items: [],
    serving: {
      variant: 'default',
      ranker: 'first-phase',
      generation: 'g',
      degradation: { level: 'full', reasons: [] },
      cache: 'off',
      budgetMs: 100,
      elapsedMs: 1,
      stages: [],
    },
  };
}

let edge: EdgeServers;
let transports: Readonly<Record<'http' | 'grpc', Transport>>;

beforeAll(async () => {
  edge = await startEdge({
    recommender: {
      recommend: (request) =>
        request.listenerId === 'broken'
          ? Promise.reject(new Error('secret detail'))
          : Promise.resolve(emptySlate(request.requestId)),
    },
    recorder: { record: () => Promise.resolve({ accepted: 0, duplicates: 0, rejected: [] }) },
  });
  transports = { http: httpTransport(edge.httpPort), grpc: grpcTransport(edge.grpcPort) };
});

afterAll(async () => {
  transports.grpc.close();
  await edge.close();
});

describe.each(['http', 'grpc'] as const)('over %s', (name) => {
  it.each(REFUSED.filter((one) => one.only === undefined || one.only === name))('refuses $name', async (one) => {
    const outcome = await transports[name].call(one.method ?? 'recommend', one.message);
    expect(outcome).toMatchObject({
      refusal: { code: one.code ?? 'SEGUE_INVALID_ARGUMENT', field: one.field, statusFits: true },
    });
  });

  it.each(SERVED.filter((one) => one.only === undefined || one.only === name))('serves $name', async ({ message }) => {
    expect(await transports[name].call('recommend', message)).toHaveProperty('answer.requestId');
  });

  it.each(name === 'http' ? BAD_HTTP_BYTES : BAD_GRPC_BYTES)(
    'refuses $name to $method',
    async ({ method, bytes, code, field }) => {
      expect(await transports[name].send(method, bytes)).toMatchObject({ refusal: { code, field, statusFits: true } });
    },
  );

  it('says no more of an internal error than where to look', async () => {
    const outcome = await transports[name].call('recommend', {
      listenerId: 'broken',
      surface: 'radio',
      requestId: 'r7',
    });
    expect(outcome).toMatchObject({
      refusal: { code: 'SEGUE_INTERNAL', message: 'internal error of request r7; the log has it', statusFits: true },
    });
  });
});

it('gives both transports the same words', async () => {
  const message = { listenerId: 'l', surface: 'now-playing', limit: 500 };
  const [http, grpc] = await Promise.all([
    transports.http.call('recommend', message),
    transports.grpc.call('recommend', message),
  ]);
  expect(http).toEqual(grpc);
});

it('ignores unknown fields of a message', async () => {
  const bytes = Buffer.concat([
    Uint8Array.of(0x0a, 1, 0x6c, 0x12, 5),
    Buffer.from('radio'),
    Uint8Array.of(0xfa, 0x07, 1, 1),
  ]);
  expect(await transports.grpc.send('recommend', bytes)).toHaveProperty('answer.requestId');
});

describe('grpc, before our code', () => {
  it('has a message over 512 KB refused by the transport', async () => {
    const outcome = await transports.grpc.send('recommend', new Uint8Array(512 * 1024 + 1));
    expect(outcome).toMatchObject({
      refusal: { code: '', message: expect.stringContaining('larger than max') as string },
    });
  });
});

describe('http', () => {
  async function request(
    path: string,
    init: RequestInit,
  ): Promise<{ status: number; body: unknown; headers: Headers }> {
    const response = await fetch(`http://127.0.0.1:${edge.httpPort}${path}`, init);
    return { status: response.status, body: await response.json(), headers: response.headers };
  }

  it.each([['text/plain'], ['application/x-www-form-urlencoded'], ['application/octet-stream']])(
    'refuses content of type %s',
    async (type) => {
      const { status, body } = await request('/v1/recommend', {
        method: 'POST',
        headers: { 'content-type': type },
        body: '{}',
      });
      expect(status).toBe(400);
      expect(body).toMatchObject({ code: 'SEGUE_MALFORMED', field: 'content-type' });
    },
  );

  it('names the methods of a path', async () => {
    const { status, body, headers } = await request('/v1/recommend', { method: 'GET' });
    expect(status).toBe(405);
    expect(headers.get('allow')).toBe('POST');
    expect(body).toMatchObject({ code: 'SEGUE_METHOD_NOT_ALLOWED' });
  });

  it('names the methods of a path to whoever sends JSON, too', async () => {
    const { status, body } = await request('/v1/recommend', {
      method: 'DELETE',
      headers: { 'content-type': 'application/json' },
    });
    expect(status).toBe(405);
    expect(body).toMatchObject({ code: 'SEGUE_METHOD_NOT_ALLOWED' });
  });

  it('takes a long text with commas for one value', async () => {
    const { status } = await request('/v1/recommend', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ listenerId: 'l', surface: 'radio', note: ',"'.repeat(50_000) }),
    });
    expect(status).toBe(200);
  });

  it('shows a number that is too large for JSON', async () => {
    const { body } = await request('/v1/recommend', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"listenerId":"l","surface":"radio","budgetMs":1e999}',
    });
    expect(body).toMatchObject({ field: 'budgetMs', message: expect.stringContaining('given Infinity') as string });
  });

  it.each([
    ['bytes that are no HTTP', 'nonsense\r\n\r\n', 400, 'SEGUE_MALFORMED'],
    ['headers over 16 KB', `GET / HTTP/1.1\r\nhost: x\r\na: ${'b'.repeat(20_000)}\r\n\r\n`, 431, 'SEGUE_TOO_LARGE'],
  ])('answers %s with a code and a message', async (_name, bytes, status, code) => {
    const socket = connect(edge.httpPort, '127.0.0.1');
    socket.write(bytes);
    const text = await read(socket);
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(JSON.parse(text.slice(text.indexOf('{')))).toEqual({ code, message: expect.any(String) as string });
  });

  it('knows no other path', async () => {
    const { status, body } = await request('/v1/nothing', { method: 'POST' });
    expect(status).toBe(404);
    expect(body).toMatchObject({ code: 'SEGUE_NOT_FOUND' });
  });
});

it('counts errors by code', async () => {
  const snapshot = await edge.telemetry.snapshot();
  const errors = snapshot.find((metric) => metric.name === 'segue.errors');
  const codes = errors?.points.map((point) => `${point.labels.transport} ${point.labels.code}`) ?? [];
  expect(codes).toEqual(
    expect.arrayContaining(['http SEGUE_TOO_LARGE', 'grpc SEGUE_MALFORMED', 'grpc SEGUE_INTERNAL']),
  );
});
