// The edge as processes of its own, behind it a handler that says which process answered: node edge-entry.mjs <compiled source>
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const { run } = await import(pathToFileURL(`${process.argv[2]}/process/run.js`).href);

const WAIT_MS = { slow: 500, stuck: 3_600_000 };
const BUSY_MS = 5;

function slate(requestId) {
  return {
    requestId,
    items: [],
    serving: {
      variant: 'default',
      ranker: 'first-phase',
      generation: String(process.pid),
      degradation: { level: 'full', reasons: [] },
      cache: 'off',
      budgetMs: 100,
      elapsedMs: 1,
      stages: [],
    },
  };
}

await run(
  async ({ place, readiness }) => {
    // The first process takes so much longer than the others.
    if (place.slot === 0) await pause(Number(process.env.TEST_FIRST_MS ?? 0));
    for (const part of readiness.missing) readiness.set(part, true);
    process.stdout.write(`${JSON.stringify({ message: 'prepared', slot: place.slot })}\n`);
    return {
      recommender: {
        recommend: async ({ listenerId, requestId }) => {
          if (listenerId === 'busy') for (const until = performance.now() + BUSY_MS; performance.now() < until;);
          const waitMs = WAIT_MS[listenerId];
          if (waitMs !== undefined) {
            process.stdout.write(`${JSON.stringify({ message: 'waiting', listenerId })}\n`);
            await pause(waitMs);
          }
          return slate(requestId);
        },
      },
      recorder: { record: () => Promise.resolve({ accepted: 0, duplicates: 0, rejected: [] }) },
      close: () => Promise.resolve(),
    };
  },
  () => undefined,
);
