/* global AbortController, AbortSignal, Buffer, URL, performance */
/** Scores the same rows inline and in the pool, alone and in one batch; prints how they compare as JSON. */
import { fileURLToPath } from 'node:url';
import { readBundle } from '../../dist/ranking/bundle.js';
import { InlineRanker } from '../../dist/ranking/inline-ranker.js';
import { PoolRanker } from '../../dist/ranking/pool-ranker.js';
import { POOL_WORKER, WorkerPool } from '../../dist/ranking/worker-pool.js';

const WIDTH = 500;
const never = new AbortController().signal;
const bundle = await readBundle(fileURLToPath(new URL('../fixtures/models/outcomes/1.0.0', import.meta.url)));
const pool = new WorkerPool({
  size: 1,
  queueMax: 64,
  stuckAfterMs: 30_000,
  nowMs: () => performance.now(),
  onPoisoned: () => undefined,
  workerEntry: POOL_WORKER,
});
const inline = await InlineRanker.open(bundle, WIDTH);
const pooled = await PoolRanker.open(pool, bundle, WIDTH);

const matrix = Float32Array.from({ length: WIDTH * 4 }, (_value, i) => (i % 5 === 0 ? NaN : Math.cos(i) * 3));
const bits = ({ heads, combined, utility }) =>
  Buffer.concat([...Object.values(heads), combined, utility].map((a) => Buffer.from(a.slice().buffer))).toString('hex');
const whole = await inline.score(matrix.slice(), WIDTH, never);
const inPool = await pooled.score(matrix.slice(), WIDTH, never);
let alone = 0;
for (let row = 0; row < WIDTH; row++) {
  const { combined } = await inline.score(matrix.slice(row * 4, row * 4 + 4), 1, never);
  if (combined[0] === whole.combined[row]) alone++;
}
// Several at once, of the same and of other lengths: the inline ranker lends one memory, each is read as it settles.
const scoredAt = async (first, rows) =>
  bits(await inline.score(matrix.slice(first * 4, (first + rows) * 4), rows, never));
const PARTS = [0, 1, 2, 3].flatMap((first) => [
  [first, 100],
  [first, 7],
]);
const oneByOne = [];
for (const [first, rows] of PARTS) oneByOne.push(await scoredAt(first, rows));
const atOnce = await Promise.all(PARTS.map(async ([first, rows]) => await scoredAt(first, rows)));
const lent = { distinct: new Set(oneByOne).size, same: oneByOne.filter((seen, i) => seen === atOnce[i]).length };
const reasonOf = async (promise) =>
  await promise.then(
    () => 'none',
    ({ reason, message }) => `${reason}: ${message}`,
  );
const crowd = await Promise.all(Array.from({ length: 66 }, () => reasonOf(inline.score(matrix.slice(), WIDTH, never))));
const aborted = await reasonOf(inline.score(matrix.slice(), WIDTH, AbortSignal.abort()));
const late = await reasonOf(inline.score(matrix.slice(), WIDTH, never, performance.now() - 1));
await inline.release();
const released = await reasonOf(inline.score(matrix.slice(), WIDTH, never));
await pool.close();
process.stdout.write(
  JSON.stringify({ samePlacement: bits(whole) === bits(inPool), alone, lent, crowd, aborted, late, released }),
);
