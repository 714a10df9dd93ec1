/** As many requests a second as a server takes. */
import type { BenchContext } from './context.js';
import type { RoundsInTurn } from './durations.js';
import { openLoop, type OpenLoopReport } from './load/open-loop.js';
import { bestOf, warmUp, wrk, type Saturation, type WrkRun } from './load/wrk.js';
import { answersByLevel, levelsSince, sample, type Sample } from './segue-report.js';

export const CONNECTIONS = [16, 64] as const;
export const SAMPLED = 200;
const STEADY_SHARE = 0.5;

export interface Loaded {
  readonly name: string;
  readonly url: string;
  readonly bodiesFile: string;
}

/**
 * Runs wrk until each server is warm, then on each in turn with each number of connections, round after round: what else the machine
 * does meets all alike.
 *
 * @returns in the order of `servers`
 * @throws Error when nothing was answered
 */
export async function saturateInTurn(
  context: BenchContext,
  servers: readonly Loaded[],
  { rounds, loadS }: RoundsInTurn,
): Promise<Saturation[]> {
  for (const { url, bodiesFile } of servers) await warmUp(url, bodiesFile, context.durations.warmUpS);
  const runs = servers.map((): WrkRun[] => []);
  for (let round = 1; round <= rounds; round++) {
    for (const connections of CONNECTIONS) {
      for (const [i, { name, url, bodiesFile }] of servers.entries()) {
        const run = await wrk({ url, bodiesFile, connections, seconds: loadS });
        context.progress(
          `${name}, ${connections} connections, round ${round} of ${rounds}: ${run.requestsPerSecond.toFixed(0)} requests/s`,
        );
        runs[i].push(run);
      }
    }
  }
  return servers.map(({ name }, i) => {
    const best = bestOf(runs[i]);
    if (best.requestsPerSecond === 0) throw new Error(`${name}: wrk saw no answer; the machine is too busy to measure`);
    return best;
  });
}

/** Of one server on its own. */
export async function saturate(
  context: BenchContext,
  name: string,
  url: string,
  bodiesFile: string,
): Promise<Saturation> {
  const [saturation] = await saturateInTurn(context, [{ name, url, bodiesFile }], context.durations);
  return saturation;
}

export interface SegueSaturation extends Saturation {
  readonly sample: Sample;
  /** Of all answers under load. */
  readonly levels: Readonly<Record<string, number>>;
  /** At half the saturation. */
  readonly half: OpenLoopReport;
}

/** Segue over HTTP on the demo world: saturation, then a moment at half of it. Measured once a run. */
export function segueSaturation(context: BenchContext): Promise<SegueSaturation> {
  return context.shared('http', async () => {
    const { bodies, bodiesFile } = await context.demo();
    const service = await context.warmSegue();
    const url = `${service.url}/v1/recommend`;
    const sampled = await sample(service, bodies, SAMPLED);
    const before = await answersByLevel(service);
    const saturation = await saturate(context, 'http', url, bodiesFile);
    const levels = levelsSince(before, await answersByLevel(service));
    const half = await openLoop('http', {
      port: Number(new URL(url).port),
      bodies,
      ratePerSecond: saturation.requestsPerSecond * STEADY_SHARE,
      seconds: context.durations.steadyS,
    });
    return { ...saturation, sample: sampled, levels, half };
  });
}
