/** Ours over HTTP with a model that takes about a millisecond: the same as `http`, where ranking costs ten times as much. */
import { SURFACE } from '../../src/recommend/surfaces.js';
import { slowModel } from '../rivals/slow-model.js';
import { saturate } from '../saturation.js';
import type { Scenario } from '../scenario.js';
import { answersByLevel, fullShareOf, levelsSince, sample, shownCounts, widthNote } from '../segue-report.js';

const SAMPLED = 100;

export const httpSlowModel: Scenario = {
  name: 'http-slow-model',
  title: 'Segue over HTTP with a model of about a millisecond, at saturation',
  run: async (context) => {
    const { bodies, bodiesFile } = await context.demo();
    const { modelsDir } = await slowModel(context);
    const service = await context.startSegue({ SEGUE_MODELS_DIR: modelsDir });
    try {
      const sampled = await sample(service, bodies, SAMPLED);
      const before = await answersByLevel(service);
      const saturation = await saturate(context, 'http, slow model', `${service.url}/v1/recommend`, bodiesFile);
      const levels = levelsSince(before, await answersByLevel(service));
      return {
        metrics: {
          requestsPerSecond: saturation.requestsPerSecond,
          fullPerSecond: saturation.requestsPerSecond * fullShareOf(levels),
          rankMs: sampled.stagesMs.rank,
          failed: saturation.failed,
        },
        tables: [
          {
            title: 'Saturation (wrk)',
            columns: ['connections', 'requests/s'],
            rows: saturation.byConnections.map(({ connections, requestsPerSecond }) => [
              connections,
              requestsPerSecond,
            ]),
          },
        ],
        notes: [
          widthNote('Before the load', sampled),
          `Levels of all answers under load: ${shownCounts(levels)}; failed ${saturation.failed}. Width ${SURFACE['now-playing'].width}.`,
        ],
        distributions: [],
        details: { levels, sample: sampled },
      };
    } finally {
      await service.stop();
    }
  },
};
