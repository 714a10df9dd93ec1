/** HTTP with 500 candidates, over the demo world: requests per second, latency, and milliseconds by stage. */
import autocannon from 'autocannon';
import { startService } from '../test/service.js';

export interface HttpResult {
  readonly scenario: 'http-500-candidates';
  readonly processes: number;
  readonly connections: number;
  readonly durationS: number;
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failed: number;
  /** Candidates that the ranker scored: mean of the sampled answers. */
  readonly candidates: number;
  readonly levels: Readonly<Record<string, number>>;
  /** Mean milliseconds by stage of requests one at a time. */
  readonly stagesMs: Readonly<Record<string, number>>;
}

const LISTENERS = 500;
const TRACKS = 5_000;
const SAMPLED = 200;

interface Answer {
  readonly serving: {
    readonly degradation: { readonly level: string };
    readonly stages: readonly {
      readonly stage: string;
      readonly ms: number;
      readonly in: number;
      readonly out: number;
    }[];
  };
}

/** A track of the demo world. */
function trackOf(n: number): string {
  return `t${String(n % TRACKS).padStart(5, '0')}`;
}

export async function benchHttp(options: {
  readonly processes: number;
  readonly connections: number;
  readonly durationS: number;
  readonly warmupS: number;
}): Promise<HttpResult> {
  // Without the cache every request goes the whole way.
  const service = await startService({ SEGUE_CACHE: 'off', SEGUE_PROCESSES: String(options.processes) });
  try {
    const bodies = Array.from({ length: LISTENERS }, (_, i) =>
      JSON.stringify({
        listenerId: `l${String(i).padStart(5, '0')}`,
        surface: 'now-playing',
        limit: 10,
        seedTrackId: trackOf(i * 8),
        recentTrackIds: Array.from({ length: 7 }, (_track, n) => trackOf(i * 8 + n + 1)),
      }),
    );
    const load = (durationS: number): Promise<autocannon.Result> =>
      autocannon({
        url: `${service.url}/v1/recommend`,
        connections: options.connections,
        duration: durationS,
        requests: bodies.map((body) => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body })),
      });
    await load(options.warmupS);
    const sampled = await sample(`${service.url}/v1/recommend`, bodies);
    const result = await load(options.durationS);
    return {
      scenario: 'http-500-candidates',
      ...options,
      requestsPerSecond: result.requests.average,
      p50Ms: result.latency.p50,
      p99Ms: result.latency.p99,
      failed: result.non2xx + result.errors + result.timeouts,
      ...sampled,
    };
  } finally {
    await service.stop();
  }
}

async function sample(
  url: string,
  bodies: readonly string[],
): Promise<Pick<HttpResult, 'candidates' | 'levels' | 'stagesMs'>> {
  const stagesMs: Record<string, number> = {};
  const levels: Record<string, number> = {};
  let candidates = 0;
  for (let i = 0; i < SAMPLED; i++) {
    const body = bodies[i % bodies.length] ?? '';
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const { serving } = (await response.json()) as Answer;
    levels[serving.degradation.level] = (levels[serving.degradation.level] ?? 0) + 1;
    for (const { stage, ms, out } of serving.stages) {
      stagesMs[stage] = (stagesMs[stage] ?? 0) + ms / SAMPLED;
      if (stage === 'rank') candidates += out / SAMPLED;
    }
  }
  return { candidates, levels, stagesMs };
}
