/**
 * The promise, on a clock that stands still unless it is moved: whatever is slow or down, a valid request is answered in time, not
 * empty, without a track that must not be in it, and names what was given up.
 */
import { jest } from '@jest/globals';
import fc from 'fast-check';
import { requestOf } from '../../test/fixtures/requests.js';
import { smallWorld } from '../../test/fixtures/small-world.js';
import type { Cache } from '../cache/cache.js';
import { createMemoryCache } from '../cache/memory-cache.js';
import { KnownBindings } from '../listeners/known-bindings.js';
import { HIDE_PREFIX } from '../listeners/session-row.js';
import { RankerError, type HeadScores, type Ranker } from '../ranking/ranker.js';
import type { RowOutcome, RowReads } from '../store/row-reads.js';
import { StoreError, type CallOptions, type Row, type RowRef } from '../store/row-store.js';
import { NEIGHBOURS_COLUMN, packNeighbours } from '../worlds/track-rows.js';
import { Recommender, type RecommendParts } from './recommend.js';
import { StoreReads } from './store-reads.js';
import type { Cuts, Level, RecommendRequest, RecommendResponse, StageName } from './types.js';

const TRACKS = 60;
const HIDDEN = [3, 4, 5];
const world = smallWorld(
  Array.from({ length: TRACKS }, (_, i) => ({
    artist: i % 9,
    explicit: i % 4 === 0 ? 1 : 0,
    markets: i % 5 === 0 ? ['US'] : [],
  })),
);

/** What becomes of a call: an answer after so many milliseconds, an error after as many, bytes that are no row, or nothing ever. */
interface Fate {
  readonly kind: 'answers' | 'fails' | 'is corrupt' | 'never answers';
  readonly afterMs: number;
}

const WELL: Fate = { kind: 'answers', afterMs: 0 };

interface Plan {
  readonly listener: Fate;
  readonly related: Fate;
  readonly ranker: Fate;
  readonly cache: Fate;
}

async function fated<T>(fate: Fate, answer: () => T, error: () => Error): Promise<T> {
  if (fate.kind === 'never answers') return await new Promise<T>(() => undefined);
  if (fate.afterMs > 0) await new Promise((resolve) => setTimeout(resolve, fate.afterMs));
  if (fate.kind === 'fails') throw error();
  return answer();
}

/** Rejects when the client goes away. */
function aborted(signal: AbortSignal | undefined, error: Error): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => {
      reject(error);
    });
  });
}

class FatedRows implements RowReads {
  constructor(private readonly plan: () => Plan) {}

  async readEach(refs: readonly RowRef[], options?: CallOptions): Promise<RowOutcome[]> {
    const { listener, related } = this.plan();
    const fate = refs.some(({ table }) => table === 'sessions') ? listener : related;
    try {
      const rows = fated(
        fate,
        () => refs.map((ref) => (fate.kind === 'is corrupt' && ref.table !== 'sessions' ? CORRUPT : rowOf(ref))),
        () => new StoreError('unavailable', 'the store is down'),
      );
      return await Promise.race([rows, aborted(options?.signal, new StoreError('aborted', 'the call was aborted'))]);
    } catch (error) {
      return refs.map(() => error as StoreError);
    }
  }
}

const CORRUPT: Row = new Map(['pool', 'history', NEIGHBOURS_COLUMN].map((column) => [column, Buffer.from([255, 255])]));

function rowOf({ table, key }: RowRef): Row | undefined {
  if (table === 'sessions') return new Map(HIDDEN.map((i) => [`${HIDE_PREFIX}t${i}`, Buffer.from('event')]));
  if (!table.startsWith('tracks.')) return undefined;
  const ordinal = Number(key.split('#t')[1]);
  const ordinals = Uint32Array.from({ length: 20 }, (_, i) => (ordinal + i + 1) % TRACKS);
  return new Map([[NEIGHBOURS_COLUMN, packNeighbours(0, { ordinals, scores: new Float32Array(20).fill(0.1) })]]);
}

/** Prefers what the first feature is highest of. */
function fatedRanker(plan: () => Plan): Ranker {
  return {
    id: 'fated@1.0.0',
    features: ['popularity', 'plays'],
    placement: 'pool',
    score: async (matrix, rows, signal): Promise<HeadScores> => {
      const scores = Float32Array.from({ length: rows }, (_, row) => matrix[row * 2]);
      const { ranker } = plan();
      const scored = fated(
        ranker,
        () => ({ heads: { relevance: scores }, combined: scores, utility: new Float32Array(rows).fill(0.5) }),
        () => new RankerError('error', 'the model failed'),
      );
      return await Promise.race([scored, aborted(signal, new RankerError('timeout', 'the request ended'))]);
    },
  };
}

function fatedCache(plan: () => Plan): Cache {
  const cache = createMemoryCache({ nowMs: () => 1 + performance.now() });
  return {
    driver: cache.driver,
    failures: cache.failures,
    healthy: true,
    get: async (key, options) => {
      const { cache: fate } = plan();
      if (fate.kind === 'is corrupt') return Buffer.from([255]);
      // A cache fails open: its failures are misses.
      const timeout = new Promise<undefined>((resolve) => setTimeout(resolve, options?.timeoutMs ?? 0, undefined));
      return await Promise.race([
        timeout,
        fated(
          fate,
          () => cache.get(key),
          () => new Error('down'),
        ).catch(() => undefined),
      ]);
    },
    set: (key, value, ttl) => cache.set(key, value, ttl),
    delete: (key) => cache.delete(key),
    close: () => cache.close(),
  };
}

class Service {
  plan: Plan = { listener: WELL, related: WELL, ranker: WELL, cache: WELL };
  late: StageName[] = [];
  readonly bindings = new KnownBindings();
  readonly recommender: Recommender;

  constructor() {
    const plan = (): Plan => this.plan;
    const parts: RecommendParts = {
      worlds: { pin: () => ({ world, release: () => undefined }), current: world, close: () => Promise.resolve() },
      reads: new StoreReads(new FatedRows(plan), { corrupt: () => undefined }, { bindings: this.bindings }),
      rankers: { forWorld: () => fatedRanker(plan), close: () => Promise.resolve() },
      rankerName: 'fated',
      cache: fatedCache(plan),
      snapshots: { current: undefined },
      exposures: { offer: () => true },
      observer: {
        served: () => undefined,
        unknownIds: () => undefined,
        late: (stage) => {
          this.late.push(stage);
        },
      },
      clock: { wallMs: () => Date.now(), monotonicMs: () => performance.now() },
    };
    this.recommender = new Recommender(parts);
  }

  /** The answer, and how long it took by the clock. */
  async ask(request: RecommendRequest, cuts: Cuts = {}): Promise<{ response: RecommendResponse; tookMs: number }> {
    const receivedAtMs = performance.now();
    const asked = this.recommender.recommend(request, { receivedAtMs, ...cuts });
    const answers: RecommendResponse[] = [];
    void asked.then((answer) => answers.push(answer));
    const waits = (): boolean => answers.length === 0;
    for (let ms = 0; waits() && ms < 3000; ms++) {
      await turn();
      if (waits()) await jest.advanceTimersByTimeAsync(1);
    }
    return { response: await asked, tookMs: performance.now() - receivedAtMs };
  }
}

const cuts: fc.Arbitrary<Cuts> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Cuts>({}) },
  fc.record({ widthShare: fc.double({ min: 0, max: 0.99, noNaN: true }) }),
  fc.constant<Cuts>({ shed: { cause: 'overload', detail: 'pushed-out' } }),
);

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const fate: fc.Arbitrary<Fate> = fc.record({
  kind: fc.constantFrom('answers', 'fails', 'is corrupt', 'never answers'),
  afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 120 })),
});

const plan: fc.Arbitrary<Plan> = fc.record({ listener: fate, related: fate, ranker: fate, cache: fate });

const track = fc.nat({ max: TRACKS - 1 }).map((i) => `t${i}`);

const request: fc.Arbitrary<Partial<RecommendRequest>> = fc.record(
  {
    surface: fc.constantFrom('now-playing', 'smart-shuffle', 'radio'),
    seedTrackId: track,
    recentTrackIds: fc.array(track, { maxLength: 50 }),
    queuedTrackIds: fc.array(track, { maxLength: 40 }),
    contextTrackIds: fc.array(track, { maxLength: 30 }),
    limit: fc.integer({ min: 1, max: 30 }),
    allowExplicit: fc.boolean(),
    market: fc.constantFrom('US', 'DE'),
    budgetMs: fc.integer({ min: 5, max: 100 }),
  },
  { requiredKeys: ['surface'] },
);

/** Tracks that may be in the answer, by what the request itself says. */
function admissible({
  seedTrackId,
  queuedTrackIds,
  recentTrackIds,
  allowExplicit,
  market,
}: RecommendRequest): Set<string> {
  const playing = seedTrackId ?? recentTrackIds.at(0);
  const ids = Array.from({ length: TRACKS }, (_, i) => i)
    .filter((i) => allowExplicit || i % 4 !== 0)
    .filter((i) => market !== 'DE' || i % 5 !== 0)
    .map((i) => `t${i}`);
  return new Set(ids.filter((id) => id !== playing && !queuedTrackIds.includes(id)));
}

function reasonOf({ serving }: RecommendResponse, stage: StageName): string | undefined {
  return serving.degradation.reasons.find((reason) => reason.stage === stage)?.cause;
}

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'clearImmediate', 'nextTick', 'queueMicrotask'] });
});

afterEach(() => {
  jest.useRealTimers();
});

it('is kept through any mixture of stalls and faults', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(plan, request, cuts), { minLength: 1, maxLength: 4 }), async (steps) => {
      const service = new Service();
      for (const [fates, changes, cut] of steps) {
        service.plan = fates;
        const asked = requestOf(changes);
        const { response, tookMs } = await service.ask(asked, cut);
        const { level, reasons } = response.serving.degradation;
        const ids = response.items.map(({ trackId }) => trackId);
        const allowed = admissible(asked);

        expect(tookMs).toBeLessThanOrEqual(asked.budgetMs ?? 150);
        if (allowed.size > HIDDEN.length) expect(ids.length).toBeGreaterThan(0);
        expect(new Set(ids).size).toBe(ids.length);
        for (const id of ids) expect(allowed).toContain(id);
        const heard = ['full', 'reduced', 'light'].includes(level);
        if (heard) for (const i of HIDDEN) expect(ids).not.toContain(`t${i}`);
        expect(reasons.length === 0).toBe(level === 'full');
      }
    }),
    { numRuns: 150 },
  );
}, 120_000);

const FAILS: Fate = { kind: 'fails', afterMs: 0 };
const CORRUPTED: Fate = { kind: 'is corrupt', afterMs: 0 };
const NEVER: Fate = { kind: 'never answers', afterMs: 0 };

it.each<[what: string, fates: Partial<Plan>, level: Level, stage: StageName | undefined, cause: string | undefined]>([
  ['nothing', {}, 'full', undefined, undefined],
  ['the cache is down', { cache: FAILS }, 'full', undefined, undefined],
  ['the listener is corrupt', { listener: CORRUPTED }, 'reduced', 'listen', 'error'],
  ['what is related is corrupt', { related: CORRUPTED }, 'reduced', 'retrieve', 'error'],
  ['the listener is slow', { listener: NEVER }, 'popular', 'listen', 'timeout'],
  ['the listener is down', { listener: FAILS }, 'popular', 'listen', 'unavailable'],
  ['what is related is slow', { related: NEVER }, 'reduced', 'retrieve', 'timeout'],
  ['what is related is down', { related: FAILS }, 'reduced', 'retrieve', 'unavailable'],
  ['the ranker is slow', { ranker: NEVER }, 'light', 'rank', 'timeout'],
  ['the ranker fails', { ranker: FAILS }, 'light', 'rank', 'error'],
  ['all but the listener is slow', { related: NEVER, ranker: NEVER }, 'light', 'retrieve', 'timeout'],
  ['all is slow', { listener: NEVER, related: NEVER, ranker: NEVER, cache: NEVER }, 'popular', 'listen', 'timeout'],
])('says what was given up: %s', async (_what, fates, level, stage, cause) => {
  const service = new Service();
  service.plan = { ...service.plan, ...fates };
  const { response } = await service.ask(requestOf({ seedTrackId: 't7', budgetMs: 50 }));
  expect(response.serving.degradation.level).toBe(level);
  expect(stage === undefined ? undefined : reasonOf(response, stage)).toBe(cause);
});

it.each<[what: string, cuts: Cuts, level: Level, stage: StageName]>([
  ['fewer are ranked', { widthShare: 0 }, 'reduced', 'rank'],
  ['nothing is ranked', { shed: { cause: 'overload', detail: 'pushed-out' } }, 'popular', 'admit'],
])('says what was given up for others: %s', async (_what, cut, level, stage) => {
  const { response } = await new Service().ask(requestOf({ seedTrackId: 't7', budgetMs: 50 }), cut);
  expect(response.serving.degradation.level).toBe(level);
  expect(response.serving.degradation.reasons.map((reason) => [reason.stage, reason.cause])).toEqual([
    [stage, 'overload'],
  ]);
});

it('serves a list of fewer again while fewer are ranked, and no longer', async () => {
  const service = new Service();
  const asked = requestOf({ seedTrackId: 't7', budgetMs: 50 });
  const first = await service.ask(asked, { widthShare: 0 });
  await turn();
  const again = await service.ask(asked, { widthShare: 0.1 });
  expect(again.response.serving).toMatchObject({
    cache: 'hit',
    degradation: { level: 'reduced', reasons: [{ stage: 'rank', cause: 'overload' }] },
  });
  expect(again.response.items).toEqual(first.response.items);
  const after = await service.ask(asked);
  expect(after.response.serving).toMatchObject({ cache: 'stale', degradation: { level: 'full', reasons: [] } });
  await turn();
  const full = await service.ask(asked, { widthShare: 0.1 });
  expect(full.response.serving).toMatchObject({ cache: 'hit', degradation: { level: 'full', reasons: [] } });
});

it('serves the last list, filtered by what is known, when the listener cannot be had', async () => {
  const service = new Service();
  await service.ask(requestOf({ seedTrackId: 't7' }));
  await turn();
  service.plan = { ...service.plan, listener: FAILS };
  const queuedTrackIds = ['t8', 't9', 't10'];
  const { response } = await service.ask(requestOf({ seedTrackId: 't11', queuedTrackIds }));
  expect(response.serving).toMatchObject({ degradation: { level: 'cached' }, cache: 'stale' });
  const ids = response.items.map(({ trackId }) => trackId);
  expect(ids.filter((id) => [...queuedTrackIds, 't11', 't3', 't4', 't5'].includes(id))).toEqual([]);
});

const SHED: Cuts = { shed: { cause: 'overload', detail: 'pushed-out' } };

it.each<[level: Level, what: string, changes: Partial<RecommendRequest>, fates: Partial<Plan>, cut: Cuts]>([
  ['popular', 'without work', {}, {}, SHED],
  ['popular', 'without work, by the stages', { contextTrackIds: ['t3', 't6', 't7', 't8'] }, {}, SHED],
  ['popular', 'for want of time', { budgetMs: 1 }, {}, {}],
  ['popular', 'for want of the listener', { surface: 'radio' }, { listener: FAILS }, {}],
  ['cached', 'for want of the listener', {}, { listener: NEVER }, {}],
])('serves nothing %s, %s, that an earlier read or event ruled out', async (level, _what, changes, fates, cut) => {
  const service = new Service();
  const [playing, , , hidden] = (await service.ask(requestOf())).response.items.map(({ trackId }) => trackId);
  await turn();
  const event = { eventId: 'e', listenerId: 'anna', occurredAtMs: 1, receivedAtMs: 1 };
  service.bindings.note('anna', [
    { ...event, type: 'hide', trackId: hidden },
    { ...event, type: 'play-started', trackId: playing },
  ]);
  service.plan = { ...service.plan, ...fates };
  const { response } = await service.ask(requestOf({ limit: 40, ...changes }), cut);
  expect(response.serving.degradation.level).toBe(level);
  const ids = response.items.map(({ trackId }) => trackId);
  expect(ids.length).toBeGreaterThan(20);
  expect(ids.filter((id) => ['t3', 't4', 't5', hidden, playing].includes(id))).toEqual([]);
});

it.each<[what: string, fates: Partial<Plan>]>([
  ['are read', { listener: { kind: 'answers', afterMs: 15 } }],
  ['have what is related read', { related: { kind: 'answers', afterMs: 15 } }],
  ['are ranked for', { ranker: { kind: 'answers', afterMs: 15 } }],
])('serves others in full, however many clients go away while they %s', async (_what, fates) => {
  const service = new Service();
  service.plan = { ...service.plan, ...fates };
  for (let i = 0; i < 15; i++) {
    const controller = new AbortController();
    const call = { receivedAtMs: performance.now(), signal: controller.signal };
    const left = service.recommender.recommend(requestOf({ seedTrackId: 't7', budgetMs: 50 }), call);
    for (let turns = 0; turns < 20; turns++) await turn();
    controller.abort();
    expect((await left).serving.degradation.reasons).toMatchObject([{ cause: 'timeout' }]);
    await jest.advanceTimersByTimeAsync(15);
  }
  const { response } = await service.ask(requestOf({ seedTrackId: 't7', budgetMs: 50 }));
  expect(response.serving.degradation).toEqual({ level: 'full', reasons: [] });
});

it('discards and counts what arrives late', async () => {
  const service = new Service();
  service.plan = { ...service.plan, related: { kind: 'answers', afterMs: 80 } };
  const { response } = await service.ask(requestOf({ seedTrackId: 't7', budgetMs: 20 }));
  expect(response.serving.degradation.level).toBe('reduced');
  expect(service.late).toEqual([]);
  await jest.advanceTimersByTimeAsync(100);
  expect(service.late).toEqual(['retrieve']);
});
