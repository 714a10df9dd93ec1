/** FastAPI with onnxruntime: gathers 500 given ids from a NumPy table and runs the same model. */
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { streamOf } from '../../test/sim/random.js';
import type { BenchContext } from '../context.js';
import { SHIPPED_MODEL } from '../demo.js';
import type { Saturation } from '../load/wrk.js';
import { benchPython } from '../rivals/python.js';
import { startRival } from '../rivals/server.js';
import { LIMIT, popularOrdinal } from '../requests.js';
import { saturate } from '../saturation.js';
import type { Scenario } from '../scenario.js';

const CANDIDATES = 500;
const REQUESTS = 2000;
const WORKERS = [1, 2] as const;

export const fastapi: Scenario = {
  name: 'fastapi',
  title: 'FastAPI with onnxruntime and NumPy ranking 500 given ids',
  run: async (context) => {
    const { tracks } = await context.demo();
    const python = await benchPython(context);
    const bodiesFile = await writeBodies(context, tracks);
    const measured: { workers: number; saturation: Saturation }[] = [];
    for (const workers of WORKERS) {
      const server = await startRival(python, (port) => uvicorn(port, workers), {
        BENCH_MODEL: resolve(SHIPPED_MODEL, 'model.onnx'),
        BENCH_TRACKS: String(tracks),
      });
      try {
        await requireRanked(server.url);
        const name = `fastapi, ${workers} worker${workers === 1 ? '' : 's'}`;
        measured.push({ workers, saturation: await saturate(context, name, `${server.url}/rank`, bodiesFile) });
      } finally {
        await server.stop();
      }
    }
    return {
      metrics: {
        requestsPerSecond: Math.max(...measured.map(({ saturation }) => saturation.requestsPerSecond)),
        failed: measured.reduce((sum, { saturation }) => sum + saturation.failed, 0),
      },
      tables: [
        {
          title: 'Saturation (wrk)',
          columns: ['uvicorn workers', 'connections', 'requests/s'],
          rows: measured.flatMap(({ workers, saturation }) =>
            saturation.byConnections.map(({ connections, requestsPerSecond }) => [
              workers,
              connections,
              requestsPerSecond,
            ]),
          ),
        },
      ],
      notes: [
        'It is given the ids and their features are in memory: no listener, no retrieval, no filters, no sequence. uvloop, httptools, orjson, one thread a session.',
      ],
      distributions: [],
      details: measured,
    };
  },
};

function uvicorn(port: number, workers: number): string[] {
  return [
    ...['-m', 'uvicorn', 'app:app', '--app-dir', 'bench/rivals/fastapi', '--host', '127.0.0.1'],
    ...['--port', String(port), '--workers', String(workers), '--no-access-log', '--log-level', 'warning'],
  ];
}

async function writeBodies(context: BenchContext, tracks: number): Promise<string> {
  const random = streamOf(1, 2);
  const file = join(context.workDir, 'fastapi-bodies.txt');
  const bodies = Array.from({ length: REQUESTS }, () => {
    const ids = new Set<number>();
    while (ids.size < CANDIDATES) ids.add(popularOrdinal(tracks, random.uniform()));
    return `${JSON.stringify({ ids: [...ids], limit: LIMIT })}\n`;
  });
  await writeFile(file, bodies.join(''));
  return file;
}

/** @throws Error when it does not rank what it is given */
async function requireRanked(url: string): Promise<void> {
  const ids = Array.from({ length: CANDIDATES }, (_, i) => i);
  const response = await fetch(`${url}/rank`, { method: 'POST', body: JSON.stringify({ ids, limit: LIMIT }) });
  const { items, ranked } = (await response.json()) as { items: readonly object[]; ranked: number };
  if (items.length !== LIMIT || ranked !== CANDIDATES) {
    throw new Error(`FastAPI ranked ${ranked} ids and gave ${items.length} items`);
  }
}
