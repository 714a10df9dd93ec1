/** The service's own parts, composed as it composes them, asked without a transport: one request after another. */
import { setImmediate } from 'node:timers/promises';
import { dirname } from 'node:path';
import { Readiness, READY_PARTS } from '../../src/api/readiness.js';
import { parseRecommend } from '../../src/api/parse-recommend.js';
import { composeParts } from '../../src/app.module.js';
import { parseConfig } from '../../src/config.js';
import { createLog } from '../../src/log.js';
import { Telemetry } from '../../src/telemetry.js';
import { answerParent } from '../program.js';
import { timesOf, type InProcessReport, type PipelineOptions } from './pipeline-reports.js';

const WARM_UP = 300;

async function run({ dataDir, modelDir, bodies, requests }: PipelineOptions): Promise<InProcessReport> {
  const config = parseConfig({
    env: {
      SEGUE_DATA_DIR: dataDir,
      SEGUE_CACHE: 'off',
      SEGUE_DEMO: 'false',
      SEGUE_PROCESSES: '1',
      SEGUE_MODELS_DIR: dirname(dirname(modelDir)),
    },
    readFile: () => undefined,
  });
  const log = createLog('silent', 0);
  const telemetry = await Telemetry.start({ process: 0, sampleRatio: 0, log, random: Math.random });
  const readiness = new Readiness(READY_PARTS);
  const parts = await composeParts({ config, slot: 0, telemetry, readiness, log });
  await new Promise<void>((resolve) => {
    readiness.watch((ready) => {
      if (ready) resolve();
    });
  });

  const { signal } = new AbortController();
  const totals = new Float64Array(requests);
  const stages = new Map<string, Float64Array>();
  const levels: Record<string, number> = {};
  let candidates = 0;
  let cpu = process.cpuUsage();
  for (let i = -WARM_UP; i < requests; i++) {
    if (i === 0) cpu = process.cpuUsage();
    const request = parseRecommend(JSON.parse(bodies[(i + WARM_UP) % bodies.length]), () => `in-process-${i}`);
    const startMs = performance.now();
    const { serving } = await parts.recommender.recommend(request, { receivedAtMs: startMs, signal });
    const ms = performance.now() - startMs;
    // What follows an answer is over before the next request.
    await setImmediate();
    if (i < 0) continue;
    totals[i] = ms;
    levels[serving.degradation.level] = (levels[serving.degradation.level] ?? 0) + 1;
    for (const { stage, ms: stageMs, out } of serving.stages) {
      let times = stages.get(stage);
      if (times === undefined) stages.set(stage, (times = new Float64Array(requests)));
      times[i] = stageMs;
      if (stage === 'rank') candidates += out / requests;
    }
  }
  const { user, system } = process.cpuUsage(cpu);
  await parts.close();
  await telemetry.close();
  return {
    requests,
    totalMs: timesOf(totals),
    byStage: Array.from(stages, ([stage, times]) => ({ stage, ms: timesOf(times) })),
    levels,
    candidates,
    cpuMicrosPerRequest: (user + system) / requests,
  };
}

answerParent(run);
