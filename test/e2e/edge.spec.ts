import { credentials, loadPackageDefinition, Metadata, type ServiceError } from '@grpc/grpc-js';
import { service as healthService } from 'grpc-health-check';
import { Client } from '@grpc/grpc-js';
import { createRequire } from 'node:module';
import { loadSync } from '@grpc/proto-loader';
import { Arrival } from '../../src/api/arrivals.js';
import type { RecommendContext } from '../../src/api/handlers.js';
import { SegueError } from '../../src/errors.js';
import { openApiDocument } from '../../src/api/openapi/document.js';
import type { RecommendRequest, RecommendResponse } from '../../src/recommend/types.js';
import { startEdge, type EdgeServers } from './edge-servers.js';
import { grpcTransport, httpTransport, type Transport } from './transports.js';

const KEY = '0123456789abcdef';
const VALID = { listenerId: 'l', surface: 'radio' };

const calls: { request: RecommendRequest; context: RecommendContext }[] = [];

/** Notes the call; `gone` waits until its client has gone, `late` refuses. */
async function recommend(request: RecommendRequest, context: RecommendContext): Promise<RecommendResponse> {
  calls.push({ request, context });
  if (request.listenerId === 'late') throw new SegueError('SEGUE_OVERLOADED', 'later');
  if (request.listenerId === 'gone') {
    await new Promise<void>((resolve) => {
      context.signal.addEventListener('abort', () => {
        resolve();
      });
    });
  }
  return {
    requestId: request.requestId,
    items: [{ trackId: 't', position: 0, score: 0.5, sources: ['pool'] }],
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

/** A request that was read now and came before. */
function unread(ms: number): Arrival {
  const nowMs = performance.now();
  return new Arrival(nowMs, { sinceMs: nowMs - 2 * ms, atMs: nowMs, requests: 0 });
}

async function start(
  env: Record<string, string> = {},
  unreadMs?: number,
): Promise<EdgeServers & { http: Transport; grpc: Transport }> {
  const edge = await startEdge(
    {
      recommender: { recommend },
      recorder: { record: () => Promise.resolve({ accepted: 0, duplicates: 0, rejected: [] }) },
    },
    env,
    undefined,
    unreadMs === undefined ? undefined : { next: () => unread(unreadMs) },
  );
  return { ...edge, http: httpTransport(edge.httpPort), grpc: grpcTransport(edge.grpcPort) };
}

type Stream = import('@grpc/grpc-js').ClientDuplexStream<
  object,
  { listServicesResponse: { service: { name: string }[] } }
>;

/** Names that reflection lists. */
function reflected(port: number, key?: string): Promise<string[]> {
  const path = createRequire(import.meta.url).resolve(
    '@grpc/reflection/build/proto/grpc/reflection/v1/reflection.proto',
  );
  const loaded = loadPackageDefinition(loadSync(path)) as unknown as {
    grpc: {
      reflection: {
        v1: {
          ServerReflection: new (
            address: string,
            creds: unknown,
          ) => Client & { ServerReflectionInfo(metadata: Metadata): Stream };
        };
      };
    };
  };
  const client = new loaded.grpc.reflection.v1.ServerReflection(`127.0.0.1:${port}`, credentials.createInsecure());
  const metadata = new Metadata();
  if (key !== undefined) metadata.set('authorization', `Bearer ${key}`);
  return new Promise<string[]>((resolve, reject) => {
    const stream = client.ServerReflectionInfo(metadata);
    stream.on('data', (answer: { listServicesResponse: { service: { name: string }[] } }) => {
      resolve(answer.listServicesResponse.service.map(({ name }) => name));
      stream.end();
    });
    stream.on('error', reject);
    stream.write({ listServices: '' });
  }).finally(() => {
    client.close();
  });
}

const { Check } = healthService as unknown as Record<
  string,
  { path: string; requestSerialize(v: object): Buffer; responseDeserialize(v: Buffer): { status: string } }
>;

function health(port: number, service: string): Promise<string> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  return new Promise<string>((resolve, reject) => {
    client.makeUnaryRequest(
      Check.path,
      (value: object) => Check.requestSerialize(value),
      (value: Buffer) => Check.responseDeserialize(value),
      { service },
      (error: ServiceError | null, value) => {
        if (error === null) resolve(value?.status ?? '');
        else reject(error);
      },
    );
  }).finally(() => {
    client.close();
  });
}

it('what waited in a socket is told from what has just come, over both transports', async () => {
  const edge = await start({}, 500);
  try {
    calls.length = 0;
    // Whoever sent something that waited too long may wait for less for a while: that comes last.
    for (const budgetMs of [2000, 400]) {
      for (const transport of [edge.http, edge.grpc]) await transport.call('recommend', { ...VALID, budgetMs });
    }
    const tooLong = expect.stringMatching(/^waited-too-long after 5\d\d\.\d ms$/) as string;
    expect(calls.map(({ context }) => context.shed?.detail)).toEqual([undefined, undefined, tooLong, tooLong]);
  } finally {
    edge.grpc.close();
    await edge.close();
  }
});

describe('without client keys', () => {
  let edge: Awaited<ReturnType<typeof start>>;

  beforeAll(async () => {
    edge = await start();
  });

  afterAll(async () => {
    edge.grpc.close();
    await edge.close();
  });

  it('hands the same request on from both transports', async () => {
    const message = { ...VALID, requestId: 'same', recentTrackIds: ['a', 'b'], limit: 5, market: 'de', explain: true };
    await edge.http.call('recommend', message);
    await edge.grpc.call('recommend', message);
    const [http, grpc] = calls.filter(({ request }) => request.requestId === 'same');
    expect(grpc.request).toEqual(http.request);
    expect(http.request).toMatchObject({
      market: 'DE',
      limit: 5,
      recentTrackIds: ['a', 'b'],
      explain: true,
      allowExplicit: true,
    });
  });

  it('names requests that have no name', async () => {
    const outcome = await edge.http.call('recommend', VALID);
    expect(outcome).toMatchObject({ answer: { requestId: expect.stringMatching(/^[\da-f-]{36}$/) as string } });
  });

  it('puts the deadline of gRPC on the monotonic clock', async () => {
    await edge.grpc.call('recommend', { ...VALID, requestId: 'deadline' }, { deadlineMs: 5000 });
    const { context } = calls.find(({ request }) => request.requestId === 'deadline')!;
    const leftMs = context.deadlineMs! - context.receivedAtMs;
    expect(leftMs).toBeGreaterThan(0);
    expect(leftMs).toBeLessThanOrEqual(5001);
  });

  it('has no deadline where the client set none', async () => {
    await edge.grpc.call('recommend', { ...VALID, requestId: 'endless' });
    expect(calls.find(({ request }) => request.requestId === 'endless')?.context.deadlineMs).toBeUndefined();
  });

  it('aborts a request whose client has gone, over gRPC', async () => {
    const outcome = await edge.grpc.call(
      'recommend',
      { listenerId: 'gone', surface: 'radio', requestId: 'gone-grpc' },
      // The client goes when it is over; on a busy machine, too, the request has arrived by then.
      { deadlineMs: 1000 },
    );
    expect(outcome).toHaveProperty('refusal');
    const { context } = calls.find(({ request }) => request.requestId === 'gone-grpc')!;
    if (!context.signal.aborted)
      await new Promise((resolve) => {
        context.signal.addEventListener('abort', resolve);
      });
    expect(context.signal.aborted).toBe(true);
  });

  it('aborts a request whose client has gone, over HTTP', async () => {
    const controller = new AbortController();
    const answer = fetch(`http://127.0.0.1:${edge.httpPort}/v1/recommend`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ listenerId: 'gone', surface: 'radio', requestId: 'gone-http' }),
      signal: controller.signal,
    });
    while (!calls.some(({ request }) => request.requestId === 'gone-http')) await new Promise(setImmediate);
    controller.abort();
    await expect(answer).rejects.toThrow();
    const { context } = calls.find(({ request }) => request.requestId === 'gone-http')!;
    if (!context.signal.aborted)
      await new Promise((resolve) => {
        context.signal.addEventListener('abort', resolve);
      });
    expect(context.signal.aborted).toBe(true);
  });

  it('passes coded refusals of the service on', async () => {
    for (const transport of [edge.http, edge.grpc]) {
      expect(await transport.call('recommend', { ...VALID, listenerId: 'late' })).toMatchObject({
        refusal: { code: 'SEGUE_OVERLOADED', message: 'later', statusFits: true },
      });
    }
  });

  it('is not ready until every part is, on both transports, and never again once it drains', async () => {
    const ready = async () => {
      const response = await fetch(`http://127.0.0.1:${edge.httpPort}/readyz`);
      return [
        response.status,
        await response.json(),
        await health(edge.grpcPort, ''),
        await health(edge.grpcPort, 'segue.v1.RecommenderService'),
      ];
    };
    expect(await ready()).toEqual([503, { status: 'not-ready', missing: ['world'] }, 'NOT_SERVING', 'NOT_SERVING']);
    edge.readiness.set('world', true);
    expect(await ready()).toEqual([200, { status: 'ready', missing: [] }, 'SERVING', 'SERVING']);
    edge.readiness.drain();
    expect(await ready()).toEqual([503, { status: 'not-ready', missing: ['draining'] }, 'NOT_SERVING', 'NOT_SERVING']);
  });

  it.each(['/%', '/docs/%zz', '/v1/recommend%2'])('answers %s, which is no path, with a code', async (path) => {
    const response = await fetch(`http://127.0.0.1:${edge.httpPort}${path}`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'SEGUE_MALFORMED', message: expect.any(String) as string });
  });

  it('describes itself by reflection', async () => {
    const names = await reflected(edge.grpcPort);
    expect(names).toEqual(expect.arrayContaining(['segue.v1.RecommenderService', 'segue.v1.EventsService']));
  });

  it('serves the API page and all it needs from here', async () => {
    const base = `http://127.0.0.1:${edge.httpPort}`;
    const page = await (await fetch(`${base}/docs`)).text();
    const assets = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path);
    expect(assets).toHaveLength(2);
    for (const path of assets) expect((await fetch(base + path)).status).toBe(200);
    expect(await (await fetch(`${base}/docs/openapi.json`)).json()).toEqual(
      JSON.parse(JSON.stringify(openApiDocument())),
    );
  });
});

describe('with client keys', () => {
  let edge: Awaited<ReturnType<typeof start>>;

  beforeAll(async () => {
    edge = await start({ SEGUE_CLIENT_KEYS: `app:${KEY},other:fedcba9876543210` });
  });

  afterAll(async () => {
    edge.grpc.close();
    await edge.close();
  });

  it.each([['http'], ['grpc']] as const)('serve over %s who has one, and nobody else', async (name) => {
    expect(await edge[name].call('recommend', VALID, { key: KEY })).toHaveProperty('answer');
    expect(await edge[name].call('recommend', VALID, { key: 'fedcba9876543210' })).toHaveProperty('answer');
    for (const key of [undefined, `${KEY}0`, KEY.slice(1)]) {
      expect(await edge[name].call('recommend', VALID, key === undefined ? {} : { key })).toMatchObject({
        refusal: { code: 'SEGUE_UNAUTHENTICATED', field: 'authorization', statusFits: true },
      });
    }
  });

  it('keep all but the probes', async () => {
    const statusOf = async (path: string, headers: Record<string, string> = {}) =>
      (await fetch(`http://127.0.0.1:${edge.httpPort}${path}`, { headers })).status;
    expect(await statusOf('/healthz')).toBe(200);
    expect(await statusOf('/readyz')).toBe(503);
    for (const path of ['/metrics', '/docs', '/docs/openapi.json', '/nothing']) {
      expect(await statusOf(path)).toBe(401);
    }
    expect(await statusOf('/metrics', { authorization: `Bearer ${KEY}` })).toBe(200);
    expect(await health(edge.grpcPort, '')).toBe('NOT_SERVING');
    await expect(reflected(edge.grpcPort)).rejects.toMatchObject({ code: 16 });
    expect(await reflected(edge.grpcPort, KEY)).toContain('segue.v1.RecommenderService');
  });
});
