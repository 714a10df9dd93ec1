import { readBundle } from '../../src/ranking/bundle.js';
import { PoolRanker } from '../../src/ranking/pool-ranker.js';
import { RankerError } from '../../src/ranking/ranker.js';
import { WorkerPool } from '../../src/ranking/worker-pool.js';
import { ENTRIES, fixture } from './fixture.js';

const NEVER = new AbortController().signal;
let pool: WorkerPool;

function open(size: number, queueMax = 64, nowMs = (): number => performance.now()): WorkerPool {
  pool = new WorkerPool({
    size,
    queueMax,
    stuckAfterMs: 30_000,
    nowMs,
    onPoisoned: (reason) => {
      throw new Error(reason);
    },
    workerEntry: ENTRIES.worker,
  });
  return pool;
}

function rows(count: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: count * 4 }, (_value, i) => (i % 7 === 0 ? NaN : Math.sin(i)));
}

async function rejection(promise: Promise<unknown>): Promise<RankerError> {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof RankerError) return error;
  throw new Error('it was not rejected with a RankerError', { cause: error });
}

afterEach(async () => {
  await pool.close();
});

describe('a ranker in worker threads', () => {
  it('gives the golden scores, the combination and utility', async () => {
    const bundle = await readBundle(fixture('outcomes'));
    const ranker = await PoolRanker.open(open(1), bundle, 500);
    const matrix = Float32Array.from(bundle.golden.rows.flat(), (value) => value ?? NaN);
    const scores = await ranker.score(matrix, bundle.golden.rows.length, NEVER);
    for (const head of bundle.manifest.heads) {
      bundle.golden.scores[head]?.forEach((score, row) => {
        expect(scores.heads[head]?.[row]).toBeCloseTo(score, 4);
      });
    }
    bundle.golden.combined.forEach((score, row) => {
      expect(scores.combined[row]).toBeCloseTo(score, 4);
    });
    expect(scores.utility.every((u) => u >= 0 && u <= 1)).toBe(true);
    expect(ranker.id).toBe('outcomes@1.0.0');
  });

  it('takes the matrix away instead of copying it', async () => {
    const ranker = await PoolRanker.open(open(1), await readBundle(fixture('normal')), 500);
    const matrix = rows(3);
    await ranker.score(matrix, 3, NEVER);
    expect(matrix.length).toBe(0);
  });

  it('scores a part of a larger matrix without touching the rest', async () => {
    const ranker = await PoolRanker.open(open(1), await readBundle(fixture('normal')), 500);
    const whole = rows(6);
    const first = await ranker.score(whole.subarray(0, 12), 3, NEVER);
    const copy = await ranker.score(rows(6).slice(0, 12), 3, NEVER);
    expect(whole.length).toBe(24);
    expect([...first.combined]).toEqual([...copy.combined]);
  });

  it('gives each of many concurrent requests its own scores', async () => {
    const ranker = await PoolRanker.open(open(2), await readBundle(fixture('normal')), 500);
    const alone: number[][] = [];
    for (let n = 1; n <= 20; n++) alone.push([...(await ranker.score(rows(n), n, NEVER)).combined]);
    const together = await Promise.all(alone.map((_scores, i) => ranker.score(rows(i + 1), i + 1, NEVER)));
    expect(together.map(({ combined }) => [...combined])).toEqual(alone);
  });

  it('is not stuck for the time in which its process was frozen', async () => {
    let frozenMs = 0;
    const opening = PoolRanker.open(
      open(1, 64, () => performance.now() + frozenMs),
      await readBundle(fixture('normal')),
      500,
    );
    frozenMs = 3_600_000;
    expect((await (await opening).score(rows(1), 1, NEVER)).combined.length).toBe(1);
    expect(pool.outcomes).toEqual({ stuck: 0, died: 0, replaced: 0 });
  });

  it('gives a model that is expelled no work more: what waits fails, and what comes', async () => {
    const bundle = await readBundle(fixture('normal'));
    const ranker = await PoolRanker.open(open(1), bundle, 500);
    const other = await PoolRanker.open(pool, await readBundle(fixture('outcomes')), 500);
    const running = ranker.score(rows(500), 500, NEVER);
    const waiting = rejection(ranker.score(rows(2), 2, NEVER));
    const unharmed = other.score(rows(2), 2, NEVER);
    pool.expel({ sha256: bundle.manifest.sha256, reason: 'it hangs' });
    expect((await waiting).message).toBe('it hangs');
    expect((await rejection(ranker.score(rows(2), 2, NEVER))).message).toBe('it hangs');
    expect((await running).combined.length).toBe(500);
    expect((await unharmed).combined.length).toBe(2);
  });

  it('scores no rows', async () => {
    const ranker = await PoolRanker.open(open(1), await readBundle(fixture('normal')), 500);
    expect((await ranker.score(new Float32Array(0), 0, NEVER)).combined.length).toBe(0);
  });

  it('refuses a matrix of another width, an ended request, and more than may wait', async () => {
    const ranker = await PoolRanker.open(open(1, 2), await readBundle(fixture('normal')), 500);
    expect((await rejection(ranker.score(new Float32Array(5), 1, NEVER))).message).toBe(
      'matrix: given 5 values; allowed: 1 rows of 4 features',
    );
    expect((await rejection(ranker.score(rows(1), 1, AbortSignal.abort()))).reason).toBe('timeout');
    const results = await Promise.allSettled([1, 2, 3, 4].map(() => ranker.score(rows(500), 500, NEVER)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
    expect(results[3].status === 'rejected' && results[3].reason).toMatchObject({ reason: 'overload' });
  });

  it('lets go of a request that ends while it waits, and takes the next', async () => {
    const ranker = await PoolRanker.open(open(1), await readBundle(fixture('normal')), 500);
    const controller = new AbortController();
    const first = ranker.score(rows(500), 500, NEVER);
    const ended = rejection(ranker.score(rows(2), 2, controller.signal));
    const last = ranker.score(rows(2), 2, NEVER);
    controller.abort();
    expect((await ended).reason).toBe('timeout');
    expect((await first).combined.length).toBe(500);
    expect((await last).combined.length).toBe(2);
  });

  it('skips work whose time was over before a worker came', async () => {
    const ranker = await PoolRanker.open(open(1), await readBundle(fixture('normal')), 500);
    const running = ranker.score(rows(500), 500, NEVER);
    const late = rejection(ranker.score(rows(2), 2, NEVER, performance.now() - 1));
    expect((await running).combined.length).toBe(500);
    expect(await late).toMatchObject({ reason: 'timeout' });
  });

  it('refuses scores that are not finite', async () => {
    const ranker = await PoolRanker.open(open(1), await readBundle(fixture('normal')), 500);
    const matrix = Float32Array.of(Infinity, 0, 0, 0);
    expect(await rejection(ranker.score(matrix, 1, NEVER))).toMatchObject({ reason: 'error' });
  });

  it('says why a model cannot be opened', async () => {
    await expect(PoolRanker.open(open(1), await readBundle(fixture('wrong-shape')), 500)).rejects.toThrow(
      /input features: given float32 of shape \[rows, 3\]/,
    );
  });

  it('fails what a worker was doing when it ended, and replaces it', async () => {
    const entry = new URL('./fragile-worker.mjs', import.meta.url);
    pool = new WorkerPool({
      size: 1,
      queueMax: 8,
      stuckAfterMs: 30_000,
      nowMs: () => performance.now(),
      onPoisoned: () => undefined,
      workerEntry: entry,
    });
    const ranker = await PoolRanker.open(pool, await readBundle(fixture('normal')), 500);
    const doomed = rejection(ranker.score(rows(13), 13, NEVER));
    expect(await doomed).toMatchObject({ reason: 'error', message: expect.stringMatching(/worker ended/) as string });
    expect((await ranker.score(rows(2), 2, NEVER)).combined.length).toBe(2);
  });
});
