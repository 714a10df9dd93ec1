/* global AbortController, URL */
/** Serves a model that seemed slow when it was admitted, until it has moved or a time is over; prints what was seen as JSON. */
import { setTimeout as pause } from 'node:timers/promises';
import { BundleRankers } from '../../dist/ranking/rankers.js';

const never = new AbortController().signal;
const placements = [];
const rankers = await BundleRankers.open({
  dir: process.argv[2],
  placement: 'auto',
  registryFingerprint: 'registry-1',
  width: 500,
  poolSize: 1,
  pollMs: 100,
  graceMs: 100,
  secondLookMs: 100,
  onPoisoned: () => undefined,
  onState: ({ status, placement }) => {
    if (status === 'live') placements.push(placement);
  },
  entries: {
    child: new URL('./slow-once-child.mjs', import.meta.url),
    worker: new URL('../../dist/ranking/pool-worker.js', import.meta.url),
  },
  limits: { timeMs: 30_000, memoryBytes: 1024 ** 3 },
});
const combined = new Set();
let after = 0;
for (let i = 0; i < 3000 && after < 30; i++) {
  const ranker = rankers.forWorld('data-1', 'next-track');
  const scores = await ranker.score(Float32Array.of(0.5, -1, 2, 0), 1, never);
  combined.add(scores.combined[0].toFixed(4));
  if (ranker.placement === 'inline') after++;
  await pause(10);
}
await rankers.close();
process.stdout.write(JSON.stringify({ placements, combined: [...combined], after }));
