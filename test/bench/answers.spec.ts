import { create, toBinary } from '@bufbuild/protobuf';
import { readAnswer } from '../../bench/load/answer-text.js';
import { readMessage } from '../../bench/load/grpc-client.js';
import { countSpans } from '../../bench/load/span-receiver.js';
import { RecommendResponseSchema } from '../../src/gen/segue/v1/recommend_pb.js';
import { loadSync, type MethodDefinition } from '@grpc/proto-loader';

const LEVELS = ['full', 'reduced', 'light', 'cached', 'popular'];

function answer(level: string, items: number, reasons: readonly object[] = []): object {
  return {
    requestId: 'r-1',
    items: Array.from({ length: items }, (_, position) => ({
      trackId: `t${position}`,
      position,
      score: 1,
      sources: ['popular', 'pool'],
    })),
    serving: {
      variant: 'default',
      ranker: 'next-track@1.0.0',
      generation: 'g',
      degradation: { level, reasons },
      cache: 'off',
      budgetMs: 50,
      elapsedMs: 1,
      stages: [{ stage: 'rank', ms: 1, in: 5, out: 5 }],
    },
  };
}

describe('reading answers without parsing them', () => {
  it.each(LEVELS)('knows level %s and whether there are items, of JSON and of messages', (level) => {
    for (const items of [0, 10]) {
      const json = Buffer.from(`xx${JSON.stringify(answer(level, items))}`);
      expect(readAnswer(json, 2, json.length)).toEqual({ level, isEmpty: items === 0, reasons: [] });
      const message = toBinary(RecommendResponseSchema, create(RecommendResponseSchema, answer(level, items)));
      expect(readMessage(Buffer.from(message))).toEqual({ level, isEmpty: items === 0, reasons: [] });
    }
  });

  it('names stage and cause of every reason', () => {
    const reasons = [
      { stage: 'listen', cause: 'timeout', detail: 'no answer, "late"' },
      { stage: 'rank', cause: 'overload', detail: '' },
    ];
    const json = Buffer.from(JSON.stringify(answer('popular', 1, reasons)));
    expect(readAnswer(json, 0, json.length).reasons).toEqual(['listen: timeout', 'rank: overload']);
  });

  it('reads nothing after the end of the answer', () => {
    const json = JSON.stringify({ items: [1] });
    const bytes = Buffer.from(`${json}${JSON.stringify(answer('full', 0))}`);
    expect(readAnswer(bytes, 0, json.length)).toEqual({ level: 'none', isEmpty: false, reasons: [] });
  });
});

describe('counting spans', () => {
  it('counts those of every resource and scope of an export', () => {
    const definition = loadSync('test/fixtures/otlp/collector.proto', { longs: String });
    const { Export } = definition['otlp.Traces'] as Readonly<Record<string, MethodDefinition<object, object>>>;
    const spans = (count: number): object => ({
      spans: Array.from({ length: count }, (_, i) => ({ name: `span ${i}`, traceId: Buffer.alloc(16, i) })),
    });
    const resourceSpans = [
      { resource: { attributes: [] }, scopeSpans: [spans(3), spans(0), spans(20)] },
      { resource: {}, scopeSpans: [] },
      { scopeSpans: [spans(1)] },
    ];
    expect(countSpans(Export.requestSerialize({ resourceSpans }))).toBe(24);
  });
});
