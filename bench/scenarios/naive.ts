/** A naive Node server doing the same pipeline with the session on the main thread: with the shipped model and with a slow one. */
import { fileURLToPath } from 'node:url';
import type { BenchContext } from '../context.js';
import { copyOf, SHIPPED_MODEL } from '../demo.js';
import type { Saturation } from '../load/wrk.js';
import { startRival } from '../rivals/server.js';
import { slowModel } from '../rivals/slow-model.js';
import { saturate } from '../saturation.js';
import type { Scenario } from '../scenario.js';

const SERVER = fileURLToPath(new URL('../rivals/naive-node/server.js', import.meta.url));
const SAMPLED = 50;

interface Measured {
  readonly model: string;
  readonly saturation: Saturation;
  /** Mean candidates ranked of the sampled answers. */
  readonly candidates: number;
}

export const naive: Scenario = {
  name: 'naive',
  title: 'A naive Node server: the same reads and model, session on the main thread',
  run: async (context) => {
    const shipped = await measure(context, 'shipped', SHIPPED_MODEL);
    const slow = await measure(context, 'slow', (await slowModel(context)).modelDir);
    return {
      metrics: {
        requestsPerSecond: shipped.saturation.requestsPerSecond,
        slowModelRequestsPerSecond: slow.saturation.requestsPerSecond,
        candidates: shipped.candidates,
        failed: shipped.saturation.failed + slow.saturation.failed,
      },
      tables: [
        {
          title: 'Saturation (wrk)',
          columns: ['model', 'connections', 'requests/s'],
          rows: [shipped, slow].flatMap(({ model, saturation }) =>
            saturation.byConnections.map(({ connections, requestsPerSecond }) => [
              model,
              connections,
              requestsPerSecond,
            ]),
          ),
        },
      ],
      notes: [
        `${shipped.candidates.toFixed(0)} candidates ranked on average of ${SAMPLED} sampled answers.`,
        "It uses Segue's row codec, catalogue and feature code; it has no budget, fallback, exposure, sequence or metrics.",
      ],
      distributions: [],
      details: [shipped, slow],
    };
  },
};

async function measure(context: BenchContext, model: string, modelDir: string): Promise<Measured> {
  const world = await context.demo();
  const server = await startRival(process.execPath, () => ['--enable-source-maps', SERVER], {
    DATA_DIR: await copyOf(world, context.workDir),
    MODEL_DIR: modelDir,
  });
  try {
    const url = `${server.url}/v1/recommend`;
    let candidates = 0;
    for (const body of world.bodies.slice(0, SAMPLED)) {
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(url, { method: 'POST', headers, body });
      if (!response.ok) throw new Error(`the naive server answered ${response.status}: ${await response.text()}`);
      const { ranked } = (await response.json()) as { readonly ranked: number };
      candidates += ranked / SAMPLED;
    }
    const saturation = await saturate(context, `naive, ${model} model`, url, world.bodiesFile);
    return { model, saturation, candidates };
  } finally {
    await server.stop();
  }
}
