/** The service's ranking worker, but from some moment on a request ends it badly. */
import { existsSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

const { entry, fault, from, left } = workerData;

const FAULTS = {
  loop: () => {
    for (;;);
  },
  exit: () => process.exit(70),
  throw: () => {
    throw new Error('thrown by the worker');
  },
  heap: () => {
    const held = [];
    for (;;) held.push(new Array(10_000).fill(held.length));
  },
  /** Waits in native code, for what never comes. */
  hang: () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
};

parentPort.on('message', ({ ask }) => {
  if (ask === 'score' && existsSync(from) && Atomics.sub(left, 0, 1) > 0) FAULTS[fault]();
});
await import(entry);
