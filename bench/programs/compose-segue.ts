/** The service's parts, composed in this process as it composes them, without a transport. */
import { dirname, join } from 'node:path';
import { Readiness, READY_PARTS } from '../../src/api/readiness.js';
import type { RecommendHandler } from '../../src/api/handlers.js';
import { composeParts } from '../../src/app.module.js';
import { parseConfig } from '../../src/config.js';
import { createLog } from '../../src/log.js';
import { Telemetry } from '../../src/telemetry.js';

export interface ComposeOptions {
  /** Holds a loaded world. */
  readonly dataDir: string;
  /** Default: in `dataDir`. */
  readonly eventsDir?: string;
  /** The bundle to rank with. */
  readonly modelDir: string;
}

export interface ComposedSegue {
  readonly recommend: RecommendHandler['recommend'];
  close(): Promise<void>;
}

/** Settles when it is warm. Slates are not cached. */
export async function composeSegue({ dataDir, eventsDir, modelDir }: ComposeOptions): Promise<ComposedSegue> {
  const config = parseConfig({
    env: {
      SEGUE_DATA_DIR: dataDir,
      SEGUE_EVENTS_DIR: eventsDir ?? join(dataDir, 'events'),
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
  const parts = await composeParts({ config, slot: 0, isReplacement: false, telemetry, readiness, log });
  await new Promise<void>((resolve) => {
    readiness.watch((ready) => {
      if (ready) resolve();
    });
  });
  return {
    recommend: (request, context) => parts.recommender.recommend(request, context),
    close: async () => {
      await parts.close();
      await telemetry.close();
    },
  };
}
