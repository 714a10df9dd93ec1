import { fromBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { SOURCES } from '../../features/candidates.js';
import { RecommendResponseSchema } from '../../gen/segue/v1/recommend_pb.js';
import { CAUSES, LEVELS, STAGES, type RecommendResponse } from '../../recommend/types.js';
import { encodeByLibrary, encodeRecommendResponse } from './encode-response.js';

const count = fc.nat({ max: 2 ** 31 });
const text = fc.string({ unit: 'grapheme', maxLength: 30 });

const response: fc.Arbitrary<RecommendResponse> = fc.record({
  requestId: text,
  items: fc.array(
    fc.record(
      {
        trackId: text,
        position: count,
        score: fc.float(),
        sources: fc.array(fc.constantFrom(...SOURCES)),
        promotion: fc.record({ campaignId: text }),
      },
      { requiredKeys: ['trackId', 'position', 'score', 'sources'] },
    ),
    { maxLength: 5 },
  ),
  serving: fc.record({
    variant: text,
    ranker: text,
    generation: text,
    degradation: fc.record({
      level: fc.constantFrom(...LEVELS),
      reasons: fc.array(
        fc.record({ stage: fc.constantFrom(...STAGES), cause: fc.constantFrom(...CAUSES), detail: text }),
      ),
    }),
    cache: fc.constantFrom('hit', 'miss', 'stale', 'off'),
    budgetMs: fc.double(),
    elapsedMs: fc.double(),
    stages: fc.array(fc.record({ stage: fc.constantFrom(...STAGES), ms: fc.double(), in: count, out: count })),
  }),
});

it('writes the bytes that the library writes', () => {
  fc.assert(
    fc.property(response, (value) => {
      expect(Buffer.from(encodeRecommendResponse(value))).toEqual(Buffer.from(encodeByLibrary(value)));
    }),
  );
});

it('keeps explanations', () => {
  const [value] = fc.sample(response, 1);
  const explained: RecommendResponse = {
    ...value,
    items: [
      {
        trackId: 't',
        position: 0,
        score: 1,
        sources: ['pool'],
        explanation: {
          sources: [{ source: 'pool', score: 0.5, rank: 3 }],
          features: { tempo: 0.25 },
          heads: { relevance: 2 },
          sequenceCosts: { energy: 0.5 },
          firstPhaseScore: 1.5,
          boost: 0,
        },
      },
    ],
    explanation: { filters: [{ filter: 'hidden', removed: 1, trackIds: ['u'] }] },
  };
  const decoded = fromBinary(RecommendResponseSchema, encodeRecommendResponse(explained));
  expect(decoded.items[0]?.explanation).toMatchObject({ ...explained.items[0]?.explanation });
  expect(decoded.explanation?.filters[0]).toMatchObject({ filter: 'hidden', removed: 1, trackIds: ['u'] });
});
