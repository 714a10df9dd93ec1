/** A width that is cut leaves the list long enough for any slate, in an order that goes on falling. */
import { NOW_MS, requestOf } from '../../test/fixtures/requests.js';
import { smallWorld } from '../../test/fixtures/small-world.js';
import { DEFAULT_VARIANT } from '../experiments/assign.js';
import { unknownListener } from '../listeners/unknown-listener.js';
import { RankerError, type HeadScores, type Ranker } from '../ranking/ranker.js';
import { CUT_LIST_MIN, rankCandidates, type RankOutcome } from './rank-candidates.js';
import { RankWidth, WIDTH_MIN } from './rank-width.js';
import { StageTrace } from './stage.js';
import type { Filtered } from './state.js';
import { admit } from './stages/admit.js';
import { filter } from './stages/filter.js';
import { listened } from './stages/listen.js';
import { retrieve } from './stages/retrieve.js';
import { sequence } from './stages/sequence.js';
import { SURFACE } from './surfaces.js';
import type { RecommendRequest } from './types.js';

const TRACKS = 700;
const world = smallWorld(Array.from({ length: TRACKS }, (_, i) => ({ artist: i % 90, tempoBpm: 80 + (i % 70) })));
/** More than the ranker scores, and more than a list that was cut has. */
const ordinals = Uint32Array.from({ length: 600 }, (_, i) => (i * 11) % TRACKS);
const scores = Float32Array.from(ordinals, (_, i) => 1 / (2 + i));

/** Radio by one list of candidates. */
function candidates(changes: Partial<RecommendRequest> = {}): Filtered {
  const assigned = { ...admit(requestOf({ surface: 'radio', ...changes }), world, NOW_MS), variant: DEFAULT_VARIANT };
  const row = { builtThroughMs: 0, pool: [{ name: 'pool', ordinals, scores }], signals: undefined };
  const listener = { ...unknownListener('anna'), row: { ...row, history: undefined, heard: undefined } };
  return filter(
    retrieve(
      listened(assigned, listener, () => undefined),
      NO_ROWS,
      undefined,
    ),
  );
}

const NO_ROWS = { neighbours: [], context: undefined };

/** Turns the first phase's order round; scores are between 0 and 1. */
const reversing: Ranker = {
  id: 'reversing@1.0.0',
  features: ['popularity'],
  placement: 'pool',
  score: (_matrix, rows): Promise<HeadScores> => {
    const combined = Float32Array.from({ length: rows }, (_, row) => (row + 1) / rows);
    return Promise.resolve({ heads: { relevance: combined }, combined, utility: combined });
  },
};

const failing: Ranker = { ...reversing, score: () => Promise.reject(new RankerError('error', 'the model failed')) };

function rank(state: Filtered, widthShare: number, ranker = reversing): Promise<RankOutcome> {
  return rankCandidates(state, {
    ranker,
    ms: 50,
    width: new RankWidth(),
    widthShare,
    trace: new StageTrace(0, 100, () => 0),
    signal: new AbortController().signal,
    onLate: () => undefined,
  });
}

const idsOf = ({ ranked }: RankOutcome): number[] => Array.from(ranked.ordinals);

function expectFalling(values: Float32Array): void {
  for (let i = 1; i < values.length; i++) expect(values[i]).toBeLessThanOrEqual(values[i - 1]);
}

it('ranks the best and lets the next best follow in the order of the first phase', async () => {
  const byFirstPhase = idsOf(await rank(candidates(), 1, failing));
  const cut = await rank(candidates(), 0);
  expect(cut.scored).toBe('cut');
  expect(cut.rankedCount).toBe(WIDTH_MIN);
  expect(idsOf(cut)).toEqual([
    ...byFirstPhase.slice(0, WIDTH_MIN).reverse(),
    ...byFirstPhase.slice(WIDTH_MIN, CUT_LIST_MIN),
  ]);
  expectFalling(cut.ranked.scores);
  expect(cut.ranked.scores[WIDTH_MIN]).toBe(cut.ranked.scores[WIDTH_MIN - 1]);
  for (const utility of cut.ranked.utilities.subarray(WIDTH_MIN)) {
    expect(utility).toBeGreaterThanOrEqual(0);
    expect(utility).toBeLessThanOrEqual(cut.ranked.utilities[WIDTH_MIN - 1]);
  }
});

it('fills the longest slate, however much the width is cut, with as few tracks of an artist', async () => {
  for (const ranker of [reversing, failing]) {
    const { ranked } = await rank(candidates({ limit: 200 }), 0, ranker);
    const slate = sequence({
      ranked,
      catalogue: world.catalogue,
      policy: SURFACE.radio.sequence,
      weights: DEFAULT_VARIANT.parameters.sequence,
      playing: undefined,
      limit: 200,
      seed: 1,
      contextLength: 0,
      explain: false,
    });
    expect(slate.order).toHaveLength(200);
    const perArtist = new Map<number, number>();
    for (const index of slate.order) {
      const artist = ranked.ordinals[index] % 90;
      perArtist.set(artist, (perArtist.get(artist) ?? 0) + 1);
    }
    expect(Math.max(...perArtist.values())).toBeLessThanOrEqual(SURFACE.radio.sequence.artistSlateMax);
  }
});

it('orders all by the first phase where the ranker fails', async () => {
  const whole = await rank(candidates(), 1, failing);
  const cut = await rank(candidates(), 0, failing);
  expect(idsOf(cut)).toEqual(idsOf(whole).slice(0, CUT_LIST_MIN));
  expect(cut.ranked.scores).toEqual(whole.ranked.scores.subarray(0, CUT_LIST_MIN));
  expect(cut.rankedCount).toBe(CUT_LIST_MIN);
});

it('adds nothing where the width is not cut, or not below what a list has', async () => {
  const { width } = SURFACE.radio;
  const whole = await rank(candidates(), 1);
  expect([whole.rankedCount, whole.ranked.ordinals.length]).toEqual([width, width]);
  const cut = await rank(candidates(), 0.9);
  expect([cut.rankedCount, cut.ranked.ordinals.length]).toEqual([0.9 * width, 0.9 * width]);
});

it('explains what only follows by its place, without features or heads of another', async () => {
  const { details } = await rank(candidates({ explain: true }), 0);
  expect(details?.rowOf).toHaveLength(CUT_LIST_MIN);
  expect(Array.from(details?.rowOf.subarray(WIDTH_MIN) ?? [])).toEqual(
    Array.from({ length: CUT_LIST_MIN - WIDTH_MIN }, (_, i) => WIDTH_MIN + i),
  );
  expect(details?.matrix).toHaveLength(WIDTH_MIN);
});
