/** The service's ranking worker, but from some moment on a request ends it badly: any, or one with a feature over a value. */
import { existsSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

const { entry, fault, from, left, feature, over } = workerData;
let names = [];

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

function isMeant(matrix) {
  const column = names.indexOf(feature);
  return feature === undefined || matrix.some((value, at) => at % names.length === column && value > over);
}

parentPort.on('message', ({ ask, bundle, matrix }) => {
  if (ask === 'open') names = bundle.manifest.featureNames;
  if (ask === 'score' && existsSync(from) && isMeant(matrix) && Atomics.sub(left, 0, 1) > 0) FAULTS[fault]();
});
await import(entry);
