import fc from 'fast-check';
import { SegueError } from '../errors.js';
import { isId } from '../identifiers.js';
import { SURFACES } from '../recommend/types.js';
import { shown } from '../shown.js';
import { parseRecommend } from './parse-recommend.js';

const VALID = { listenerId: 'l1', surface: 'now-playing' };
const newId = () => 'generated';

function refusal(input: unknown): SegueError {
  try {
    parseRecommend(input, newId);
  } catch (error) {
    if (error instanceof SegueError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

it('fills in what the client left out', () => {
  expect(parseRecommend(VALID, newId)).toEqual({
    listenerId: 'l1',
    surface: 'now-playing',
    requestId: 'generated',
    recentTrackIds: [],
    queuedTrackIds: [],
    contextTrackIds: [],
    allowExplicit: true,
    explain: false,
  });
});

it('keeps what the client gave, and ignores what it does not know', () => {
  const given = {
    ...VALID,
    requestId: 'r',
    sessionId: 's',
    seedTrackId: 't1',
    recentTrackIds: ['t2', 'ü'],
    queuedTrackIds: ['t3'],
    contextTrackIds: ['t4'],
    limit: 200,
    market: 'de',
    allowExplicit: false,
    budgetMs: 2000,
    explain: true,
  };
  expect(parseRecommend({ ...given, colour: 'red', __proto__: { limit: 7 } }, newId)).toEqual({
    ...given,
    market: 'DE',
  });
});

it('takes null for absent, as protobuf does in JSON', () => {
  expect(parseRecommend({ ...VALID, limit: null, contextId: null, recentTrackIds: null }, newId)).toEqual(
    parseRecommend(VALID, newId),
  );
});

it('says which field, what was given and what is allowed', () => {
  const error = refusal({ ...VALID, limit: 500 });
  expect(error.message).toBe('limit: given 500; allowed: a whole number from 1 to 200');
  expect(error.field).toBe('limit');
});

it('cuts long values short and escapes control characters', () => {
  expect(shown('a'.repeat(10_000)).length).toBeLessThan(70);
  expect(shown('\u0000')).toBe('"\\u0000"');
});

const anyRequest = fc.record(
  {
    listenerId: fc.anything(),
    surface: fc.oneof(fc.constantFrom(...SURFACES), fc.anything()),
    requestId: fc.anything(),
    seedTrackId: fc.anything(),
    recentTrackIds: fc.oneof(fc.array(fc.anything(), { maxLength: 3 }), fc.anything()),
    contextId: fc.anything(),
    contextTrackIds: fc.oneof(fc.array(fc.string(), { maxLength: 3 }), fc.anything()),
    limit: fc.oneof(fc.integer(), fc.double(), fc.anything()),
    market: fc.anything(),
    budgetMs: fc.oneof(fc.integer(), fc.double(), fc.anything()),
    explain: fc.anything(),
  },
  { requiredKeys: [] },
);

it('answers anything with a request within the limits or a refusal that names a field', () => {
  fc.assert(
    fc.property(fc.oneof(anyRequest, fc.anything()), (input) => {
      try {
        const request = parseRecommend(input, newId);
        const ids = [request.listenerId, request.requestId, ...request.recentTrackIds, ...request.contextTrackIds];
        expect(ids.every((id) => Buffer.byteLength(id) >= 1 && Buffer.byteLength(id) <= 64)).toBe(true);
        expect(SURFACES).toContain(request.surface);
        expect(request.limit ?? 1).toBeGreaterThanOrEqual(1);
        expect(request.limit ?? 1).toBeLessThanOrEqual(200);
        expect(request.budgetMs ?? 1).toBeLessThanOrEqual(2000);
      } catch (error) {
        if (!(error instanceof SegueError)) throw error;
        expect(error.code).toBe('SEGUE_INVALID_ARGUMENT');
        expect(error.message.length).toBeLessThan(250);
      }
    }),
    { numRuns: 1000 },
  );
});

it('parses its own output to itself', () => {
  const id = fc.string({ minLength: 1, maxLength: 64, unit: 'grapheme' }).filter(isId);
  fc.assert(
    fc.property(
      id,
      fc.constantFrom(...SURFACES),
      fc.array(id),
      fc.integer({ min: 1, max: 200 }),
      (listenerId, surface, recentTrackIds, limit) => {
        const once = parseRecommend({ listenerId, surface, recentTrackIds, limit }, newId);
        expect(parseRecommend(once, () => 'other')).toEqual(once);
      },
    ),
  );
});

describe('ids', () => {
  it('are up to 64 bytes of well-formed UTF-8 without control characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        const bytes = Buffer.from(text);
        const expected = bytes.length >= 1 && bytes.length <= 64 && bytes.toString() === text && !/\p{Cc}/u.test(text);
        expect(isId(text)).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['a'.repeat(64), true],
    ['a'.repeat(65), false],
    ['ü'.repeat(32), true],
    ['ü'.repeat(33), false],
    ['\ud800', false],
    ['a\u0085', false],
    ['\n', false],
    ['', false],
  ])('%j: %s', (text, expected) => {
    expect(isId(text)).toBe(expected);
  });
});
