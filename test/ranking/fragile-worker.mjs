/** The ranking worker, but 13 rows end it: what a failure in native code or of memory looks like from outside. */
import { parentPort } from 'node:worker_threads';

parentPort.on('message', ({ ask, rows }) => {
  if (ask === 'score' && rows === 13) process.exit(70);
});
await import('../../dist/ranking/pool-worker.js');
