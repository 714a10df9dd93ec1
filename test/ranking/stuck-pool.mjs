/* global AbortController, URL, performance */
/**
 * Two requests get stuck in native code, one after the other; prints what became of each, and of a request between them.
 * Ends by SIGKILL, as whoever is told that the pool is poisoned must.
 */
import { writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readBundle } from '../../dist/ranking/bundle.js';
import { PoolRanker } from '../../dist/ranking/pool-ranker.js';
import { POOL_WORKER, WorkerPool } from '../../dist/ranking/worker-pool.js';

const say = (line) => writeSync(1, `${line}\n`);
const never = new AbortController().signal;
const poisoned = Promise.withResolvers();
const pool = new WorkerPool({
  size: 1,
  queueMax: 8,
  stuckAfterMs: 300,
  nowMs: () => performance.now(),
  onPoisoned: poisoned.resolve,
  workerEntry: POOL_WORKER,
});
const bundle = await readBundle(fileURLToPath(new URL('../fixtures/models/stuck-over-1000/1.0.0', import.meta.url)));
const ranker = await PoolRanker.open(pool, bundle, 500);
const score = async (name, first) => {
  const result = await ranker.score(Float32Array.of(first, 0, 0, 0), 1, never).then(
    ({ combined }) => combined[0],
    (error) => `${error.reason}: ${error.message}`,
  );
  say(`${name}: ${result}`);
};

await score('sound', 1);
await score('first stuck', 2000);
await score('by its replacement', 1);
await score('second stuck', 2000);
say(`poisoned: ${await poisoned.promise}`);
await score('after that', 1);
process.kill(process.pid, 'SIGKILL');
