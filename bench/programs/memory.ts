/** Memory of a process that serves a world: objects and arrays, not LMDB's pages, which are the system's. */
import { parseRecommend } from '../../src/api/parse-recommend.js';
import { answerParent } from '../program.js';
import { composeSegue, type ComposeOptions } from './compose-segue.js';

export interface MemoryOptions extends ComposeOptions {
  readonly bodies: readonly string[];
}

const REQUESTS = 50;

/** @returns bytes, after some requests and a collection of garbage */
async function run({ bodies, ...options }: MemoryOptions): Promise<number> {
  const segue = await composeSegue(options);
  const { signal } = new AbortController();
  for (const [i, body] of bodies.slice(0, REQUESTS).entries()) {
    const request = parseRecommend(JSON.parse(body), () => `memory-${i}`);
    await segue.recommend(request, { receivedAtMs: performance.now(), signal });
  }
  if (globalThis.gc === undefined) throw new Error('needs --expose-gc');
  await globalThis.gc({ type: 'major', execution: 'async' });
  const { heapUsed, external } = process.memoryUsage();
  await segue.close();
  return heapUsed + external;
}

answerParent(run);
