/** FastAPI with onnxruntime: gathers 500 given ids from a NumPy table and runs the same model. Loaded in turn with Segue. */
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { streamOf } from '../../test/sim/random.js';
import type { BenchContext } from '../context.js';
import { SHIPPED_MODEL } from '../demo.js';
import { median } from '../report/statistics.js';
import { benchPython } from '../rivals/python.js';
import { startRival, type RivalServer } from '../rivals/server.js';
import { LIMIT, popularOrdinal } from '../requests.js';
import { SAMPLED, saturateInTurn } from '../saturation.js';
import type { Scenario } from '../scenario.js';
import { answersByLevel, fullShareOf, levelsSince, sample, shownCounts, widthNote } from '../segue-report.js';

const CANDIDATES = 500;
const REQUESTS = 2000;
const WORKERS = [1, 2] as const;

export const fastapi: Scenario = {
  name: 'fastapi',
  title: 'FastAPI with onnxruntime and NumPy ranking 500 given ids, and Segue over HTTP, in turn',
  onWarmSegue: true,
  run: async (context) => {
    const { tracks, bodies, bodiesFile } = await context.demo();
    const python = await benchPython(context);
    const idsFile = await writeBodies(context, tracks);
    const segue = await context.warmSegue();
    const sampled = await sample(segue, bodies, SAMPLED);
    const rivals: RivalServer[] = [];
    try {
      for (const workers of WORKERS) {
        const env = { BENCH_MODEL: resolve(SHIPPED_MODEL, 'model.onnx'), BENCH_TRACKS: String(tracks) };
        const rival = await startRival(python, (port) => uvicorn(port, workers), env);
        rivals.push(rival);
        await requireRanked(rival.url);
      }
      const before = await answersByLevel(segue);
      const [ours, ...theirs] = await saturateInTurn(
        context,
        [
          { name: 'segue', url: `${segue.url}/v1/recommend`, bodiesFile },
          ...rivals.map(({ url }, i) => ({ name: nameOf(WORKERS[i]), url: `${url}/rank`, bodiesFile: idsFile })),
        ],
        context.durations.fastapi,
      );
      const levels = levelsSince(before, await answersByLevel(segue));
      const full = fullShareOf(levels);
      const bestOfRound = (round: number): number => Math.max(...theirs.map(({ byRound }) => byRound[round]));
      const rows = [
        { name: 'Segue', saturation: ours },
        ...theirs.map((saturation, i) => ({ name: nameOf(WORKERS[i]), saturation })),
      ];
      return {
        metrics: {
          requestsPerSecond: Math.max(...theirs.map(({ requestsPerSecond }) => requestsPerSecond)),
          segueFullPerSecond: ours.requestsPerSecond * full,
          segueFullVsFastapi: median(ours.byRound.map((perSecond, round) => (perSecond * full) / bestOfRound(round))),
          candidates: sampled.candidatesMean,
          failed: [ours, ...theirs].reduce((sum, { failed }) => sum + failed, 0),
        },
        tables: [
          {
            title: 'Saturation (wrk)',
            columns: ['server', 'connections', 'requests/s'],
            rows: rows.flatMap(({ name, saturation }) =>
              saturation.byConnections.map(({ connections, requestsPerSecond }) => [
                name,
                connections,
                requestsPerSecond,
              ]),
            ),
          },
          {
            title: 'The best of each round, requests/s',
            columns: ['round', 'Segue', 'FastAPI', 'Segue over FastAPI'],
            rows: ours.byRound.map((perSecond, round) => [
              round + 1,
              perSecond,
              bestOfRound(round),
              perSecond / bestOfRound(round),
            ]),
          },
        ],
        notes: [
          'FastAPI is given the ids and their features are in memory: no listener, no retrieval, no filters, no sequence. uvloop, httptools, orjson, one thread a session.',
          widthNote('Segue before the load', sampled),
          `Levels of all of Segue's answers under load, by its own metrics: ${shownCounts(levels)}. The ratio counts \`full\` ones alone, and is the median of the rounds.`,
        ],
        distributions: [],
        details: rows,
      };
    } finally {
      await Promise.all(rivals.map((rival) => rival.stop()));
    }
  },
};

function nameOf(workers: number): string {
  return `FastAPI, ${workers} worker${workers === 1 ? '' : 's'}`;
}

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
