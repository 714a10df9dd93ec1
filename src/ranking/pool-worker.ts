/** A ranking worker thread: holds open models and scores what it is handed. */
import { parentPort } from 'node:worker_threads';
import { firstLine } from './bundle-error.js';
import { readModel, type Bundle } from './bundle.js';
import { goldenMatrix } from './golden.js';
import { headScores } from './heads.js';
import type { Manifest } from './manifest.js';
import { ModelSession } from './model-session.js';
import type { Answer, Question } from './pool-messages.js';
import { ScoreBlock } from './score-block.js';

const WARM_UP_RUNS = 20;

interface Open {
  readonly manifest: Manifest;
  readonly session: ModelSession;
}

const open = new Map<string, Open>();

async function answer(question: Question): Promise<Answer> {
  switch (question.ask) {
    case 'open':
      open.set(question.key, await openBundle(question.bundle, question.width));
      return { done: true };
    case 'score':
      return { scores: await score(question.key, question.matrix, question.rows) };
    case 'release':
      await open.get(question.key)?.session.release();
      open.delete(question.key);
      return { done: true };
    case 'close':
      for (const { session } of open.values()) await session.release();
      parentPort?.close();
      return { done: true };
  }
}

async function openBundle(bundle: Bundle, width: number): Promise<Open> {
  const session = await ModelSession.open(await readModel(bundle), bundle.manifest);
  const block = new ScoreBlock(bundle.manifest.heads, width);
  for (let run = 0; run < WARM_UP_RUNS; run++) await session.run(goldenMatrix(bundle.golden, width), block);
  return { manifest: bundle.manifest, session };
}

async function score(key: string, matrix: Float32Array, rows: number): Promise<Float32Array<ArrayBuffer>> {
  const held = open.get(key);
  if (held === undefined) throw new Error(`${key} is not open in this worker`);
  const { manifest, session } = held;
  const block = new ScoreBlock(manifest.heads, rows);
  await session.run(matrix, block);
  headScores(manifest, block);
  return block.scores;
}

parentPort?.on('message', (question: Question) => {
  answer(question).then(
    (given) => {
      parentPort?.postMessage(given, 'scores' in given ? [given.scores.buffer] : []);
    },
    (error: unknown) => {
      parentPort?.postMessage({ failed: firstLine(error) } satisfies Answer);
    },
  );
});
