/* global AbortController, URL, performance */
/**
 * Two requests get stuck in native code, one after the other; prints what became of each, of a request between them, and of another model.
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
  onLost: ({ outcome, ranker, stuck }) => say(`lost: ${outcome}, ${ranker}, ${stuck} stuck`),
  onQuarantine: ({ reason }) => say(`quarantine: ${reason}`),
  onPoisoned: poisoned.resolve,
  workerEntry: POOL_WORKER,
});
const bundle = await readBundle(fileURLToPath(new URL('../fixtures/models/stuck-over-1000/1.0.0', import.meta.url)));
const other = await readBundle(fileURLToPath(new URL('../fixtures/models/normal/1.0.0', import.meta.url)));
const ranker = await PoolRanker.open(pool, bundle, 500);
const otherRanker = await PoolRanker.open(pool, other, 500);
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
const found = await otherRanker.score(Float32Array.of(0.5, -1, 2, 0), 1, never);
say(`another model: ${found.combined[0].toFixed(4)}`);
say(`outcomes: ${JSON.stringify(pool.outcomes)}, now: ${JSON.stringify(pool.states)}`);
process.kill(process.pid, 'SIGKILL');
