/* global URL */
/**
 * Preloaded into a serving process (`--import`): once there is a file `FRAGILE_FROM`, its ranking workers fail as `FRAGILE_FAULT` says,
 * `FRAGILE_TIMES` times in all. In a cluster only those of the first process, unless `FRAGILE_FEATURE` and `FRAGILE_OVER` are given: then
 * those of any process, at requests with this feature over this value.
 */
import cluster from 'node:cluster';
import { createRequire, syncBuiltinESMExports } from 'node:module';

const threads = createRequire(import.meta.url)('node:worker_threads');
const { FRAGILE_FAULT: fault, FRAGILE_FROM: from, FRAGILE_TIMES: times = '1' } = process.env;
const { FRAGILE_FEATURE: feature, FRAGILE_OVER: over } = process.env;
const left = new Int32Array(new SharedArrayBuffer(4));
left[0] = feature !== undefined || (cluster.worker?.id ?? 1) === 1 ? Number(times) : 0;

const { Worker } = threads;
if (threads.isMainThread) {
  threads.Worker = class extends Worker {
    constructor(entry, options) {
      if (!String(entry).endsWith('/pool-worker.js')) super(entry, options);
      else
        super(new URL('./fragile-worker.mjs', import.meta.url), {
          ...options,
          workerData: { entry: String(entry), fault, from, left, feature, over: Number(over) },
        });
    }
  };
  syncBuiltinESMExports();
}
