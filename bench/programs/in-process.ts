/** The service's own parts, composed as it composes them, asked without a transport: one request after another. */
import { setImmediate } from 'node:timers/promises';
import { parseRecommend } from '../../src/api/parse-recommend.js';
import { answerParent } from '../program.js';
import { composeSegue } from './compose-segue.js';
import { timesOf, type InProcessReport, type PipelineOptions } from './pipeline-reports.js';

const WARM_UP = 300;

async function run({ dataDir, modelDir, bodies, requests }: PipelineOptions): Promise<InProcessReport> {
  const segue = await composeSegue({ dataDir, modelDir });
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
    const { serving } = await segue.recommend(request, { receivedAtMs: startMs, signal });
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
  await segue.close();
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
