/** Both servers of the edge on free ports, in this process. */
import { randomUUID } from 'node:crypto';
import { Arrivals } from '../../src/api/arrivals.js';
import { Readiness } from '../../src/api/readiness.js';
import type { RecommendHandler, RecordHandler } from '../../src/api/handlers.js';
import { parseConfig } from '../../src/config.js';
import { createLog } from '../../src/log.js';
import { scrapeAlone } from '../../src/process/scrape.js';
import { Servers, type Ports } from '../../src/process/servers.js';
import { Telemetry } from '../../src/telemetry.js';

export interface EdgeServers extends Ports {
  readonly servers: Servers;
  readonly readiness: Readiness;
  readonly telemetry: Telemetry;
  close(): Promise<void>;
}

export async function startEdge(
  handlers: { readonly recommender: RecommendHandler; readonly recorder: RecordHandler },
  env: Readonly<Record<string, string>> = {},
  monotonicMs = (): number => performance.now(),
  arrivals: Pick<Arrivals, 'next'> = new Arrivals(monotonicMs),
): Promise<EdgeServers> {
  const config = parseConfig({
    env: { SEGUE_HTTP_PORT: '0', SEGUE_GRPC_PORT: '0', ...env },
    readFile: () => undefined,
  });
  const log = createLog('silent', 0);
  const telemetry = await Telemetry.start({ process: 0, sampleRatio: 1, log, random: Math.random });
  const readiness = new Readiness(['world']);
  const servers = await Servers.create(config, {
    ...handlers,
    telemetry,
    log,
    newRequestId: randomUUID,
    readiness,
    scrape: () => scrapeAlone(() => telemetry.snapshot(), 0),
    random: Math.random,
    arrivals,
    clock: { monotonicMs, wallMs: () => Date.now() },
  });
  const ports = await servers.listen();
  return {
    ...ports,
    servers,
    readiness,
    telemetry,
    close: async () => {
      await servers.drain(1000);
      await telemetry.close();
    },
  };
}
