import { jest } from '@jest/globals';
import { listenedState } from '../../../test/fixtures/requests.js';
import { smallWorld } from '../../../test/fixtures/small-world.js';
import { unknownListener } from '../../listeners/unknown-listener.js';
import type { Listener } from '../../listeners/listener.js';
import type { RecommendRequest } from '../types.js';
import type { World } from '../../worlds/world.js';
import { filter } from './filter.js';
import { popularCandidates, relaxed } from '../fallback.js';
import { retrieve } from './retrieve.js';

const world = smallWorld([
  {},
  { artist: 1 },
  { artist: 1, explicit: 1 },
  { markets: ['US'] },
  { markets: ['US', 'DE'] },
  ...Array.from({ length: 60 }, () => ({ artist: 7 })),
]);

function run(changes: Partial<RecommendRequest>, listener?: Partial<Listener>) {
  const state = listenedState(world, changes, { ...unknownListener('anna'), ...listener });
  const filtered = filter(retrieve(state, { neighbours: [], context: undefined }, undefined));
  const ids = Array.from(filtered.kept, (slot) => world.catalogue.idOf(filtered.candidates.ordinals[slot]));
  return { ids, removed: filtered.removed };
}

describe('filter', () => {
  it('removes what plays now', () => {
    expect(run({ seedTrackId: 't0' }).ids).not.toContain('t0');
  });

  it('removes what waits in the queue', () => {
    expect(run({ queuedTrackIds: ['t1', 't4'] }).ids).not.toEqual(expect.arrayContaining(['t1']));
  });

  it('removes what was played recently', () => {
    expect(run({ seedTrackId: 't9', recentTrackIds: ['t0', 't1'] }).ids).not.toEqual(expect.arrayContaining(['t1']));
  });

  it('removes hidden tracks and blocked artists', () => {
    const { ids, removed } = run(
      { explain: true },
      { preferences: { hiddenOrdinals: new Set([0]), blockedArtistOrdinals: new Set([1]), version: 1 } },
    );
    expect(ids).not.toContain('t0');
    expect(ids).not.toContain('t1');
    expect(removed).toContainEqual({ filter: 'hidden', removed: 1, trackIds: ['t0'] });
    expect(removed).toContainEqual({ filter: 'blocked-artist', removed: 2, trackIds: ['t1', 't2'] });
  });

  it('removes what is not admitted in the market', () => {
    expect(run({ market: 'DE' }).ids).not.toContain('t3');
    expect(run({ market: 'DE' }).ids).toContain('t4');
    expect(run({}).ids).toContain('t3');
  });

  it('removes explicit tracks only where they are not allowed', () => {
    expect(run({ allowExplicit: false }).ids).not.toContain('t2');
    expect(run({}).ids).toContain('t2');
  });

  it('keeps so many tracks of one artist at most', () => {
    const { removed } = run({});
    expect(removed).toContainEqual(expect.objectContaining({ filter: 'artist-cap', removed: 20 }));
  });

  it('names removed tracks only when asked to explain', () => {
    expect(run({ seedTrackId: 't0' }).removed[0]).toEqual({ filter: 'just-played', removed: 1, trackIds: [] });
  });

  it('keeps tracks of the context though the listener heard them, where suggestions must be new', () => {
    const heard = { builtThroughMs: 0, pool: [], signals: undefined, history: undefined, heard: { has: () => true } };
    const { ids } = run({ surface: 'smart-shuffle', contextTrackIds: ['t0', 't1'] }, { row: heard });
    expect(ids).toEqual(['t0', 't1']);
  });
});

describe('a slate that would be too short', () => {
  it('gives up the repeat gap before it stays short', () => {
    const small = smallWorld(Array.from({ length: 12 }, () => ({})));
    const recentTrackIds = Array.from({ length: 11 }, (_, i) => `t${i}`);
    const state = listenedState(small, { seedTrackId: 't11', recentTrackIds, limit: 10 });
    const filtered = relaxed(filter(retrieve(state, { neighbours: [], context: undefined }, undefined)));
    expect(filtered.kept.length).toBe(11);
  });

  it('never gives up what the listener hid', () => {
    const small = smallWorld([{}, {}, {}]);
    const preferences = { hiddenOrdinals: new Set([0, 1]), blockedArtistOrdinals: new Set<number>(), version: 1 };
    const state = listenedState(small, { limit: 3 }, { ...unknownListener('anna'), preferences });
    const { kept, candidates } = popularCandidates(state);
    expect(Array.from(kept, (slot) => candidates.ordinals[slot])).toEqual([2]);
  });

  it('is of the whole catalogue where nothing popular is in the market', () => {
    const { state, looks } = farMarket(3_000, 2_990);
    const { kept, candidates } = popularCandidates(state({ limit: 5 }));
    expect(Array.from(kept, (slot) => candidates.ordinals[slot])).toEqual(
      Array.from({ length: 10 }, (_, i) => 2_990 + i),
    );
    expect(looks()).toBeGreaterThan(3_000);
  });

  it.each([
    ['nothing', 3_000],
    ['a few tracks', 2_990],
  ])('looks through the catalogue once for a market that has %s', (_, from) => {
    const { state, looks } = farMarket(3_000, from);
    const first = popularCandidates(state({ limit: 5 }));
    const before = looks();
    const second = popularCandidates(state({ limit: 5 }));
    // The popular list and what was found, and not the catalogue.
    expect(looks() - before).toBeLessThan(200);
    expect(second.kept.length).toBe(first.kept.length);
    popularCandidates(state({ limit: 5, allowExplicit: false }));
    expect(looks()).toBeGreaterThan(before + 3_000);
  });

  it('looks once for all markets that the catalogue does not name', () => {
    const { state, looks } = farMarket(3_000, 2_990);
    popularCandidates(state({ market: 'AA' }));
    const before = looks();
    for (const market of ['AB', 'AC', 'AQ']) expect(popularCandidates(state({ market })).kept).toHaveLength(0);
    expect(looks() - before).toBeLessThan(1_000);
  });

  it('has what is left where a listener ruled out the first of a market', () => {
    const { state } = farMarket(3_000, 500);
    const blockedArtistOrdinals = new Set(Array.from({ length: 2_400 }, (_, i) => 500 + i));
    const preferences = { hiddenOrdinals: new Set<number>(), blockedArtistOrdinals, version: 1 };
    const { kept, candidates } = popularCandidates(state({ limit: 5 }, { ...unknownListener('anna'), preferences }));
    expect(candidates.ordinals[kept[0]]).toBe(2_900);
    expect(kept.length).toBe(100);
  });
});

/** A world whose tracks from an ordinal on alone are in the market FR, and none of its popular list; counts the looks at tracks. */
function farMarket(tracks: number, from: number) {
  const far = smallWorld(Array.from({ length: tracks }, (_, i) => ({ markets: i < from ? ['DE'] : ['FR'] })));
  const { ordinals, scores } = far.popular(undefined);
  const popular = { ordinals: ordinals.subarray(0, 100), scores: scores.subarray(0, 100) };
  const admits = jest.spyOn(far.catalogue, 'admits');
  const counted: World = { ...far, popular: () => popular };
  return {
    state: (changes: Partial<RecommendRequest>, listener?: Listener) =>
      listenedState(counted, { market: 'FR', ...changes }, listener),
    looks: () => admits.mock.calls.length,
  };
}
