import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import type { RecommendContext, RecordAnswer, RecordContext } from '../../src/api/handlers.js';
import type { RecommendRequest, RecommendResponse } from '../../src/recommend/types.js';
import { startEdge, type EdgeServers } from './edge-servers.js';
import { until } from './edge-process.js';
import { grpcTransport, httpTransport, type Transport } from './transports.js';

const APP = '0123456789abcdef';
const JOB = 'fedcba9876543210';
const VALID = { listenerId: 'l', surface: 'radio', budgetMs: 2000 };
/** Three requests, and then none for minutes. */
const THREE = 'requestsPerSecond: 0.01, burst: 3';

const calls: { readonly request: RecommendRequest; readonly context: RecommendContext }[] = [];
let release = Promise.withResolvers<undefined>();

function answerTo(request: RecommendRequest, level: 'full' | 'popular'): RecommendResponse {
  return {
    requestId: request.requestId,
    items: [],
    serving: {
      variant: 'default',
      ranker: 'first-phase',
      generation: 'g',
      degradation: { level, reasons: [] },
      cache: 'off',
      budgetMs: 100,
      elapsedMs: 1,
      stages: [],
    },
  };
}

/** Notes the call; requests of the listener `held` are answered on release, unless they are shed. */
async function recommend(request: RecommendRequest, context: RecommendContext): Promise<RecommendResponse> {
  calls.push({ request, context });
  if (context.shed !== undefined) return answerTo(request, 'popular');
  if (request.listenerId === 'held') await release.promise;
  return answerTo(request, 'full');
}

/** Takes the processor for 40 ms in all for a batch of the track `costly`, in pieces; for others no time. */
async function record(batch: unknown, { inTurn }: RecordContext): Promise<RecordAnswer> {
  const pieces = JSON.stringify(batch).includes('costly') ? 20 : 0;
  for (let i = 0; i < pieces; i++) {
    await inTurn(() => {
      const untilMs = performance.now() + 2;
      while (performance.now() < untilMs);
    });
  }
  return { accepted: 0, duplicates: 0, rejected: [] };
}

let edge: EdgeServers;
let http: Transport;
let grpc: Transport;

async function start(limits: string, monotonicMs?: () => number): Promise<void> {
  calls.length = 0;
  release = Promise.withResolvers<undefined>();
  edge = await startEdge(
    { recommender: { recommend }, recorder: { record } },
    { SEGUE_CLIENT_KEYS: `app:${APP},job:${JOB}`, SEGUE_CLIENT_LIMITS: limits },
    monotonicMs,
  );
  http = httpTransport(edge.httpPort);
  grpc = grpcTransport(edge.grpcPort);
}

afterEach(async () => {
  release.resolve(undefined);
  grpc.close();
  await edge.close();
});

async function metric(name: string): Promise<Record<string, number>> {
  const snapshot = await edge.telemetry.snapshot();
  const points = snapshot.find((one) => one.name === name)?.points ?? [];
  return Object.fromEntries(points.map(({ labels, value }) => [Object.values(labels).join(' '), Number(value)]));
}

describe('the rate of a client', () => {
  it('counts over both transports and all calls, and is no other client’s', async () => {
    await start(`[{ name: job, class: batch, ${THREE} }]`);
    expect(await http.call('recommend', VALID, { key: JOB })).toHaveProperty('answer');
    expect(await grpc.call('recommend', VALID, { key: JOB })).toHaveProperty('answer');
    expect(await http.call('events', { events: [] }, { key: JOB })).toHaveProperty('answer');
    for (const transport of [http, grpc]) {
      for (const method of ['recommend', 'events'] as const) {
        expect(await transport.call(method, VALID, { key: JOB })).toMatchObject({
          refusal: {
            code: 'SEGUE_RATE_LIMITED',
            message: expect.stringMatching(/^job asks more often/) as string,
            statusFits: true,
          },
        });
      }
      expect(await transport.call('recommend', VALID, { key: APP })).toHaveProperty('answer');
    }
    expect(calls).toHaveLength(4);
    expect(await metric('segue.admission.refused')).toEqual({ 'job batch rate-limited': 4 });
  });

  it('counts however the path is written', async () => {
    await start(`[{ name: job, ${THREE} }]`);
    const statusOf = async (path: string): Promise<number> => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${JOB}` };
      const body = JSON.stringify(VALID);
      const { status } = await fetch(`http://127.0.0.1:${edge.httpPort}${path}`, { method: 'POST', headers, body });
      return status;
    };
    const paths = ['/%76%31/recommend', '/v1/%72ecommend', '/%761/events', '/%76%31/events', '/v1/recommend?a'];
    const statuses: number[] = [];
    for (const path of paths) statuses.push(await statusOf(path));
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
  });

  it('says over HTTP when to try again', async () => {
    await start(`[{ name: job, requestsPerSecond: 0.01, burst: 1 }]`);
    const ask = (): Promise<Response> =>
      fetch(`http://127.0.0.1:${edge.httpPort}/v1/recommend`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${JOB}` },
        body: JSON.stringify(VALID),
      });
    expect((await ask()).status).toBe(200);
    const refused = await ask();
    expect(refused.status).toBe(429);
    const { code, retryAfterMs } = (await refused.json()) as { code: string; retryAfterMs: number };
    expect(code).toBe('SEGUE_RATE_LIMITED');
    expect(retryAfterMs).toBeGreaterThan(50_000);
    expect(retryAfterMs).toBeLessThanOrEqual(100_000);
    expect(refused.headers.get('retry-after')).toBe(String(Math.ceil(retryAfterMs / 1000)));
  });

  it('says over gRPC when to try again', async () => {
    await start(`[{ name: job, requestsPerSecond: 0.01, burst: 1 }]`);
    const client = new Client(`127.0.0.1:${edge.grpcPort}`, credentials.createInsecure());
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${JOB}`);
    const ask = (): Promise<ServiceError | null> =>
      new Promise((resolve) => {
        const bytes = (value: Buffer): Buffer => value;
        const path = '/segue.v1.RecommenderService/Recommend';
        // { listener_id: 'l', surface: 'radio' }
        const request = Buffer.from('0a016c1205726164696f', 'hex');
        client.makeUnaryRequest(path, bytes, bytes, request, metadata, resolve);
      });
    expect(await ask()).toBeNull();
    const refused = await ask();
    client.close();
    expect(refused?.code).toBe(8);
    expect(Number(refused?.metadata.get('grpc-retry-pushback-ms')[0])).toBeGreaterThan(50_000);
    const [details] = refused?.metadata.get('grpc-status-details-bin') ?? [];
    expect(String(details)).toContain('type.googleapis.com/google.rpc.RetryInfo');
  });
});

describe('a client that takes all of the event loop outside of admission', () => {
  it.each(['http', 'grpc'] as const)('over %s is refused, and no other one is', async (name) => {
    await start('[{ name: app, class: interactive }, { name: job, class: batch, concurrencyShare: 0.1 }]');
    const greedy = name === 'http' ? http : grpc;
    let isOver = false;
    const codes = new Set<string>();
    const askOn = async (): Promise<void> => {
      while (!isOver) {
        const outcome = await greedy.call('events', { events: [{ trackId: 'costly' }] }, { key: JOB });
        if ('refusal' in outcome) codes.add(outcome.refusal.code);
      }
    };
    const asking = Array.from({ length: 16 }, askOn);
    const untilMs = performance.now() + 30_000;
    let asked = 0;
    while ((codes.size === 0 || asked < 20) && performance.now() < untilMs) {
      const beganMs = performance.now();
      expect(await http.call('recommend', VALID, { key: APP })).toHaveProperty('answer');
      expect(await grpc.call('events', { events: [{}] }, { key: APP })).toHaveProperty('answer');
      // Behind all that the greedy client has waiting, it would be over 600 ms each.
      expect(performance.now() - beganMs).toBeLessThan(600);
      asked++;
    }
    isOver = true;
    await Promise.all(asking);
    expect([...codes]).toEqual(['SEGUE_OVERLOADED']);
    expect(Object.keys(await metric('segue.admission.refused'))).toEqual(['job batch over-fair-share']);
    expect(await metric('segue.admission.loop_share')).toHaveProperty(['job batch']);
  });

  it('is refused nothing while it is alone', async () => {
    await start('[{ name: job, class: batch, concurrencyShare: 0.1 }]');
    const ask = (): Promise<unknown> => http.call('events', { events: [{ trackId: 'costly' }] }, { key: JOB });
    for (const outcome of await Promise.all(Array.from({ length: 32 }, ask))) expect(outcome).toHaveProperty('answer');
  });
});

describe('a budget', () => {
  it('of just what an answer needs is not taken for less', async () => {
    await start('[]');
    for (let i = 0; i < 20; i++) await http.call('recommend', { ...VALID, budgetMs: 2 }, { key: APP });
    expect(calls).toHaveLength(20);
    expect(calls.filter(({ context }) => context.shed?.cause === 'timeout')).toEqual([]);
  });
});

describe('a deadline', () => {
  it('that has passed is refused over HTTP, before any work', async () => {
    await start('[]');
    const ask = (deadline: string): Promise<Response> =>
      fetch(`http://127.0.0.1:${edge.httpPort}/v1/recommend`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${APP}`, 'segue-deadline': deadline },
        body: JSON.stringify(VALID),
      });
    const passed = await ask(String(Date.now() - 1));
    expect(passed.status).toBe(504);
    expect(await passed.json()).toMatchObject({ code: 'SEGUE_DEADLINE_EXCEEDED' });
    for (const nonsense of ['soon', '-1', '1.5', '1e12']) {
      const refused = await ask(nonsense);
      expect(refused.status).toBe(400);
      expect(await refused.json()).toMatchObject({ code: 'SEGUE_INVALID_ARGUMENT', field: 'segue-deadline' });
    }
    expect(calls).toHaveLength(0);
    expect(await metric('segue.admission.refused')).toEqual({ 'app standard deadline-passed': 1 });

    expect((await ask(String(Date.now() + 60_000))).status).toBe(200);
    const { deadlineMs = 0, receivedAtMs } = calls[0].context;
    expect(deadlineMs - receivedAtMs).toBeGreaterThan(50_000);
    expect(deadlineMs - receivedAtMs).toBeLessThanOrEqual(60_001);
  });

  it('that has passed is refused over gRPC, before any work, however slow the machine', async () => {
    let looks = 0;
    await start('[]', () => performance.now() + 20 * looks++);
    const session = connectHttp2(`http://127.0.0.1:${edge.grpcPort}`);
    const stream = session.request({
      ':method': 'POST',
      ':path': '/segue.v1.RecommenderService/Recommend',
      'content-type': 'application/grpc',
      te: 'trailers',
      'grpc-timeout': '1n',
      authorization: `Bearer ${APP}`,
    });
    const headers = new Promise<Record<string, unknown>>((resolve) => {
      stream.on('response', (found) => {
        if ('grpc-status' in found) resolve(found);
      });
      stream.on('trailers', resolve);
    });
    stream.resume();
    stream.end(Buffer.from('000000000a0a016c1205726164696f', 'hex'));
    expect(await headers).toMatchObject({ 'grpc-status': '4' });
    session.close();
    expect(calls).toHaveLength(0);
  });
});

/** Answers on a connection so far: where the machine is slow, some of many are refusals. */
function answersOf(text: string): number {
  return text.split(/HTTP\/1\.1 (?:200|429)/).length - 1;
}

function requestBytes(listenerId: string): string {
  const body = JSON.stringify({ ...VALID, listenerId });
  return `POST /v1/recommend HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${APP}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
}

async function openSocket(): Promise<Socket> {
  const socket = connect(edge.httpPort, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

describe('a slow client', () => {
  it('that sends much without waiting for answers gets them all, and others are served meanwhile', async () => {
    await start('[]');
    const socket = await openSocket();
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    const sent = 200;
    socket.write(requestBytes('pipelined').repeat(sent));
    for (let i = 0; i < 20; i++) expect(await http.call('recommend', VALID, { key: JOB })).toHaveProperty('answer');
    await until(() => Promise.resolve(answersOf(text) === sent ? true : undefined));
    socket.destroy();
  });

  it('that sends a request in pieces holds nothing until it is whole', async () => {
    await start('[]');
    const socket = await openSocket();
    const bytes = requestBytes('piecemeal');
    socket.write(bytes.slice(0, -10));
    for (let i = 0; i < 20; i++) expect(await http.call('recommend', VALID, { key: JOB })).toHaveProperty('answer');
    expect(calls.some(({ request }) => request.listenerId === 'piecemeal')).toBe(false);
    expect(await metric('segue.admission.under_way')).toEqual({ '': 0 });
    socket.write(bytes.slice(-10));
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200/);
    socket.destroy();
  });

  it('that reads nothing holds no place: its answers are handed over', async () => {
    await start('[]');
    const sockets = await Promise.all(Array.from({ length: 20 }, openSocket));
    for (const socket of sockets) {
      socket.pause();
      socket.write(requestBytes('unread').repeat(10));
    }
    await until(() => Promise.resolve(calls.length >= 200 ? true : undefined));
    await until(async () => ((await metric('segue.admission.under_way'))[''] === 0 ? true : undefined));
    expect(await http.call('recommend', VALID, { key: JOB })).toHaveProperty('answer');
    for (const socket of sockets) socket.destroy();
  });
});

describe('more than can be under way', () => {
  it('is answered without work for whoever is least urgent, and ranked for whoever is most', async () => {
    await start('[{ name: app, class: interactive }, { name: job, class: batch }]');
    const held = Array.from({ length: 200 }, () =>
      http.call('recommend', { ...VALID, listenerId: 'held' }, { key: JOB }),
    );
    await until(() => Promise.resolve(calls.some(({ context }) => context.shed !== undefined) ? true : undefined));
    const urgent = Array.from({ length: 5 }, () =>
      grpc.call('recommend', { ...VALID, listenerId: 'urgent' }, { key: APP }),
    );
    release.resolve(undefined);
    for (const outcome of await Promise.all(urgent)) {
      expect(outcome).toMatchObject({ answer: { serving: { degradation: { level: 'full' } } } });
    }
    const outcomes = await Promise.all(held);
    const refused = outcomes.filter((outcome) => 'refusal' in outcome && outcome.refusal.code === 'SEGUE_OVERLOADED');
    expect(outcomes.filter((outcome) => 'answer' in outcome)).toHaveLength(outcomes.length - refused.length);
    const shed = calls.filter(({ context }) => context.shed !== undefined);
    expect(shed.length).toBeGreaterThan(0);
    expect(
      shed.every(({ request, context }) => request.listenerId === 'held' && context.shed?.cause === 'overload'),
    ).toBe(true);
    const counted = await metric('segue.admission.shed');
    expect(Object.values(counted).reduce((sum, count) => sum + count, 0)).toBe(shed.length);
    expect(Object.keys(counted).every((labels) => labels.startsWith('job batch '))).toBe(true);
  });
});
