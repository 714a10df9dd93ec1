/** Answers that take long to encode leave turns of the event loop to others. */
import type { RecommendRequest, RecommendResponse } from '../../src/recommend/types.js';
import { startEdge, type EdgeServers } from './edge-servers.js';
import { httpTransport } from './transports.js';

/** Fewer than may be under way at the start. */
const ANSWERS = 6;
const ITEMS = 17;
const ENCODING_MS = 3;
const VALID = { listenerId: 'l', surface: 'radio', budgetMs: 2000 };

let edge: EdgeServers;

afterEach(() => edge.close());

function answerTo({ requestId }: RecommendRequest): RecommendResponse {
  return {
    requestId,
    items: Array.from({ length: ITEMS }, (_, position) => ({
      trackId: `t${position}`,
      position,
      score: 0.5,
      sources: ['pool'] as const,
    })),
    serving: {
      variant: 'default',
      ranker: 'first-phase',
      generation: 'g',
      degradation: { level: 'full', reasons: [] },
      cache: 'off',
      budgetMs: 100,
      elapsedMs: 1,
      stages: [],
    },
  };
}

/** Turns of the event loop in which the answers, all ranked at once, were encoded. */
async function turnsOf(asked: object): Promise<number[]> {
  const turns: number[] = [];
  const allRanked = Promise.withResolvers<undefined>();
  let ranked = 0;
  const recommend = async (request: RecommendRequest): Promise<RecommendResponse> => {
    if (++ranked === ANSWERS) allRanked.resolve(undefined);
    await allRanked.promise;
    const answer = answerTo(request);
    const toJSON = (): RecommendResponse => {
      turns.push(performance.nodeTiming.uvMetricsInfo.loopCount);
      const untilMs = performance.now() + ENCODING_MS;
      while (performance.now() < untilMs);
      return answerTo(request);
    };
    return Object.assign(answer, { toJSON });
  };
  edge = await startEdge({ recommender: { recommend }, recorder: { record: () => Promise.reject(new Error()) } });
  const http = httpTransport(edge.httpPort);
  await Promise.all(Array.from({ length: ANSWERS }, () => http.call('recommend', { ...VALID, ...asked })));
  return turns;
}

it('explained ones are encoded in pieces, a turn of the event loop for each', async () => {
  const turns = await turnsOf({ explain: true });
  expect(new Set(turns).size).toBe(ANSWERS);
});

it('others at once', async () => {
  const turns = await turnsOf({});
  expect(new Set(turns).size).toBe(1);
});
