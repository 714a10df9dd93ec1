import { describeWithServers } from '../servers.js';
import { startService, type Service } from '../service.js';
import { startBackends } from './backends.js';
import { essence, GrpcClient, record, recommend } from './clients.js';

/** Listeners of the demo world. */
const LISTENERS = ['l00003', 'l00042', 'l00100', 'l01234', 'nobody-knows-me'];
/** Ample, so that a busy machine degrades nothing: an answer without the session may have in it what was just played or hidden. */
const BUDGET_MS = 2000;

function requestsOf(listenerId: string): object[] {
  return ['now-playing', 'smart-shuffle', 'radio'].map((surface) => ({
    listenerId,
    surface,
    limit: 10,
    budgetMs: BUDGET_MS,
    requestId: `${listenerId}-${surface}`,
  }));
}

function started(listenerId: string, trackId: string, eventId: string): object {
  return { eventId, type: 'play-started', listenerId, trackId, occurredAt: new Date().toISOString() };
}

interface Behind {
  readonly env: Readonly<Record<string, string>>;
  readonly stop: () => Promise<void>;
}

function wayOfARequest(backends: () => Promise<Behind>): void {
  let behind: Behind;
  let service: Service;
  let grpc: GrpcClient;

  beforeAll(async () => {
    behind = await backends();
    service = await startService({ ...behind.env, SEGUE_PROCESSES: '1' });
    grpc = new GrpcClient(service.grpcAddress);
  });

  afterAll(async () => {
    grpc.close();
    await service.stop();
    await behind.stop();
  });

  it('answers every surface with a full slate of distinct tracks', async () => {
    for (const request of LISTENERS.flatMap(requestsOf)) {
      const slate = await recommend(service, request);
      expect(slate.items).toHaveLength(10);
      expect(new Set(slate.items.map(({ trackId }) => trackId)).size).toBe(10);
      expect(slate.serving.degradation).toEqual({ level: 'full', reasons: [] });
    }
  });

  it('gives the same slate over HTTP and gRPC, and again the next time', async () => {
    for (const request of LISTENERS.flatMap(requestsOf)) {
      const first = essence(await recommend(service, request));
      expect(essence(await grpc.recommend(request))).toEqual(first);
      expect(essence(await recommend(service, request))).toEqual(first);
    }
  });

  it('serves from the cache what it computed before, and the same', async () => {
    const request = { listenerId: 'l00200', surface: 'now-playing', requestId: 'cached', budgetMs: BUDGET_MS };
    const computed = await recommend(service, request);
    let again = await recommend(service, request);
    for (let attempt = 0; attempt < 50 && again.serving.cache !== 'hit'; attempt++)
      again = await recommend(service, request);
    expect(again.serving.cache).toBe('hit');
    expect(essence(again)).toEqual(essence(computed));
  });

  it('sees an event in the very next request', async () => {
    const listenerId = 'l00007';
    for (let i = 0; i < 5; i++) {
      const before = await recommend(service, { listenerId, surface: 'now-playing', budgetMs: BUDGET_MS });
      const next = before.items[0].trackId;
      const answer =
        i % 2 === 0
          ? await record(service, [started(listenerId, next, `next-${i}`)])
          : await grpc.record([started(listenerId, next, `next-${i}`)]);
      expect(answer).toMatchObject({ accepted: 1, duplicates: 0 });
      const after = await recommend(service, { listenerId, surface: 'now-playing', budgetMs: BUDGET_MS });
      expect(after.items.map(({ trackId }) => trackId)).not.toContain(next);
    }
  });

  it('never serves again what the listener hid', async () => {
    const listenerId = 'l00009';
    const [first] = (await recommend(service, { listenerId, surface: 'radio', budgetMs: BUDGET_MS })).items;
    await record(service, [{ ...started(listenerId, first.trackId, 'hide-1'), type: 'hide' }]);
    for (const surface of ['now-playing', 'radio']) {
      const { items } = await recommend(service, { listenerId, surface, limit: 200, budgetMs: BUDGET_MS });
      expect(items.map(({ trackId }) => trackId)).not.toContain(first.trackId);
    }
  });

  it('serves neither what was hidden nor what plays where there is no time to read the listener', async () => {
    const request = { listenerId: 'nobody-yet', surface: 'now-playing', budgetMs: 1 };
    const [first, second] = (await recommend(service, request)).items.map(({ trackId }) => trackId);
    await record(service, [
      { ...started('nobody-yet', first, 'hide-2'), type: 'hide' },
      started('nobody-yet', second, 'start-2'),
    ]);
    const { items, serving } = await recommend(service, request);
    expect(serving.degradation.level).toBe('popular');
    expect(items).toHaveLength(10);
    expect(items.map(({ trackId }) => trackId).filter((id) => id === first || id === second)).toEqual([]);
  });

  it('counts a repeated event once', async () => {
    const event = started('l00011', 't00012', 'twice');
    expect(await record(service, [event, event])).toMatchObject({ accepted: 1, duplicates: 1 });
    expect(await record(service, [event])).toMatchObject({ accepted: 0, duplicates: 1 });
  });

  it('explains each item', async () => {
    const { items } = await recommend(service, {
      listenerId: 'l00042',
      surface: 'now-playing',
      explain: true,
      budgetMs: BUDGET_MS,
      limit: 5,
    });
    for (const { explanation } of items) {
      expect(Object.keys(explanation!)).toEqual(
        expect.arrayContaining(['sources', 'features', 'heads', 'sequenceCosts', 'firstPhaseScore', 'boost']),
      );
      expect(Object.keys(explanation!.features as object).length).toBeGreaterThan(10);
      expect(Object.keys(explanation!.heads as object)).toContain('relevance');
    }
  });

  it('gives the same slates when it is started with two processes', async () => {
    const requests = LISTENERS.flatMap(requestsOf);
    const alone: object[] = [];
    for (const request of requests) alone.push(essence(await recommend(service, request)));
    const { SEGUE_HTTP_PORT, SEGUE_GRPC_PORT, ...env } = service.env;
    const beside = await startService({
      ...env,
      SEGUE_DATA_DIR: service.dataDir,
      SEGUE_PROCESSES: '2',
      SEGUE_EVENTS_DIR: `${service.dataDir}/events-2`,
    });
    try {
      const together: object[] = [];
      for (const request of requests) together.push(essence(await recommend(beside, request)));
      expect(together).toEqual(alone);
      expect([SEGUE_HTTP_PORT, SEGUE_GRPC_PORT]).not.toContain(undefined);
    } finally {
      await beside.terminate();
    }
  });
}

describe('the way of a request, on LMDB and in process', () => {
  wayOfARequest(() => Promise.resolve({ env: {}, stop: () => Promise.resolve() }));
});

describeWithServers('the way of a request, on Bigtable and Memcached', ['bigtable-emulator', 'memcached'], () => {
  wayOfARequest(startBackends);
});
