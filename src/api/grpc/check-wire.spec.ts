import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { SegueError } from '../../errors.js';
import { RecordRequestSchema } from '../../gen/segue/v1/events_pb.js';
import { RecommendRequestSchema } from '../../gen/segue/v1/recommend_pb.js';
import { checkWire, wirePlan } from './check-wire.js';

const RECOMMEND = wirePlan(RecommendRequestSchema);
const RECORD = wirePlan(RecordRequestSchema);

function refusal(plan: typeof RECOMMEND, bytes: number[]): Pick<SegueError, 'code' | 'field' | 'message'> | undefined {
  try {
    checkWire(plan, Uint8Array.from(bytes));
  } catch (error) {
    if (error instanceof SegueError) return { code: error.code, field: error.field, message: error.message };
    throw error;
  }
  return undefined;
}

it.each([
  ['text that is not UTF-8', [0x0a, 1, 0xff], 'listenerId'],
  ['a number where text belongs', [0x08, 1], 'listenerId'],
  ['text where a number belongs', [0x52, 1, 0x41], 'limit'],
  ['text that is cut off', [0x0a, 9, 0x41], 'listenerId'],
  ['a number that is cut off', [0x50, 0x80], 'limit'],
  ['a number without end', [0x50, ...new Array<number>(11).fill(0x80)], 'limit'],
  ['a tag of six bytes', [0x8a, 0x80, 0x80, 0x80, 0x80, 0, 1, 0x41], undefined],
  ['a tag of more than 32 bits', [0x8a, 0x80, 0x80, 0x80, 0x10, 1, 0x41], undefined],
  ['a group', [0x0b], 'listenerId'],
  ['field 0', [0x02, 0], undefined],
  ['an unknown field that is cut off', [0xfa, 0x07, 5, 1], undefined],
  ['an illegal wire type', [0xff, 0x07], undefined],
])('refuses %s', (_name, bytes, field) => {
  const found = refusal(RECOMMEND, bytes);
  expect(found?.code).toBe('SEGUE_MALFORMED');
  expect(found?.field).toBe(field);
});

it('names fields inside of others', () => {
  expect(refusal(RECORD, [0x0a, 3, 0x1a, 1, 0xff])?.field).toBe('events.listenerId');
  expect(refusal(RECORD, [0x0a, 2, 0x1a, 9])?.message).toBe('events.listenerId: ends after 0 of 9 bytes');
});

it('refuses more values than any request has, before they are decoded', () => {
  // Empty events, two bytes each.
  const events = (count: number): number[] => new Array<number[]>(count).fill([0x0a, 0]).flat();
  expect(refusal(RECORD, events(10_000))).toBeUndefined();
  expect(refusal(RECORD, events(10_001))).toMatchObject({
    code: 'SEGUE_MALFORMED',
    message: 'message: given more than 10000 values; allowed: 10000',
  });
});

it('ignores whole unknown fields', () => {
  expect(refusal(RECOMMEND, [0xfa, 0x07, 1, 1, 0xf8, 0x07, 0x7f, 0xfd, 0x07, 1, 2, 3, 4])).toBeUndefined();
});

it('takes every message that the encoder writes', () => {
  fc.assert(
    fc.property(
      fc.record({
        listenerId: fc.string({ unit: 'grapheme' }),
        recentTrackIds: fc.array(fc.string()),
        limit: fc.option(fc.nat(), { nil: undefined }),
        explain: fc.option(fc.boolean(), { nil: undefined }),
      }),
      ({ listenerId, recentTrackIds, limit, explain }) => {
        const message = create(RecommendRequestSchema, {
          listenerId,
          recentTrackIds,
          ...(limit !== undefined && { limit }),
          ...(explain !== undefined && { explain }),
        });
        checkWire(RECOMMEND, toBinary(RecommendRequestSchema, message));
      },
    ),
  );
});

it('lets nothing through that the decoder then refuses, and fails in no other way', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      for (const [plan, schema] of [
        [RECOMMEND, RecommendRequestSchema],
        [RECORD, RecordRequestSchema],
      ] as const) {
        if (refusal(plan, [...bytes]) === undefined) fromBinary(schema, bytes);
      }
    }),
    { numRuns: 5000 },
  );
});
