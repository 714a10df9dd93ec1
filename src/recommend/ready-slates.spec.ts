import { smallWorld, type SmallTrack } from '../../test/fixtures/small-world.js';
import { NOW_MS, requestOf } from '../../test/fixtures/requests.js';
import { DEFAULT_VARIANT } from '../experiments/assign.js';
import { NO_BINDINGS, type Bindings } from '../listeners/known-bindings.js';
import { ReadySlates } from './ready-slates.js';
import { admit } from './stages/admit.js';
import { SURFACE } from './surfaces.js';
import type { RecommendRequest } from './types.js';

/** 300 tracks of 100 artists: track i is of artist i mod 100. Every fifth is explicit, every seventh for Germany alone. */
const TRACKS: SmallTrack[] = Array.from({ length: 300 }, (_, i) => ({
  artist: i % 100,
  explicit: i % 5 === 0 ? 1 : 0,
  tempoBpm: 90 + ((i * 37) % 60),
  markets: i % 7 === 0 ? ['DE'] : [],
}));
const world = smallWorld(TRACKS);
const slates = new ReadySlates();

function itemsOf(changes: Partial<RecommendRequest> = {}, bindings: Partial<Bindings> = {}): string[] | undefined {
  const assigned = { ...admit(requestOf(changes), world, NOW_MS), variant: DEFAULT_VARIANT };
  return slates.itemsFor(assigned, { ...NO_BINDINGS, ...bindings })?.map(({ trackId }) => trackId);
}

it('are as long as asked for, without repeats, the same each time', () => {
  const items = itemsOf({ limit: 20 });
  expect(new Set(items).size).toBe(20);
  expect(itemsOf({ limit: 20 })).toEqual(items);
  expect(itemsOf()).toEqual(items?.slice(0, 10));
});

it('leave out what plays, was played or waits, and fill up with what comes next', () => {
  const [first = '', second = '', third = '', ...rest] = itemsOf({ limit: 13 }) ?? [];
  expect(itemsOf({ seedTrackId: first, recentTrackIds: [second], queuedTrackIds: [third, 'unknown'] })).toEqual(rest);
});

it('leave out what is known to be hidden, blocked or just played', () => {
  const [first = '', second = '', third = '', ...rest] = itemsOf({ limit: 13 }) ?? [];
  const artist = `artist ${Number(third.slice(1)) % 100}`;
  expect(
    itemsOf({}, { hidden: new Set([first]), started: [second, 'unknown'], blockedArtists: [artist, 'unknown'] }),
  ).toEqual(rest);
});

it('start far enough from what is known to play', () => {
  const [first = '', ...rest] = itemsOf() ?? [];
  const sameArtist = `t${(Number(first.slice(1)) + 100) % 300}`;
  const { artistSpacing } = SURFACE['now-playing'].sequence;
  expect(itemsOf({}, { started: [sameArtist] })).toEqual(rest.toSpliced(artistSpacing, 0, first));
});

it('hold back what is explicit or not for the market, where the request says so', () => {
  const clean = itemsOf({ limit: 40, allowExplicit: false }) ?? [];
  expect(clean).toHaveLength(40);
  expect(clean.some((id) => Number(id.slice(1)) % 5 === 0)).toBe(false);
  const french = itemsOf({ limit: 40, market: 'FR' }) ?? [];
  expect(french).toHaveLength(40);
  expect(french.some((id) => Number(id.slice(1)) % 7 === 0)).toBe(false);
  expect(itemsOf({ limit: 40, market: 'DE' })?.some((id) => Number(id.slice(1)) % 7 === 0)).toBe(true);
});

it('hold a track back while it is too near to another of its artist', () => {
  const [first = '', ...rest] = itemsOf() ?? [];
  const sameArtist = `t${(Number(first.slice(1)) + 100) % 300}`;
  const { artistSpacing } = SURFACE['now-playing'].sequence;
  expect(itemsOf({ seedTrackId: sameArtist })).toEqual(rest.toSpliced(artistSpacing, 0, first));
  expect(itemsOf({ seedTrackId: 'unknown', recentTrackIds: [sameArtist] })).toEqual(
    rest.toSpliced(artistSpacing, 0, first),
  );
});

it('leave it to the stages where too few are far enough from each other', () => {
  const ofOneArtist = smallWorld(Array.from({ length: 200 }, () => ({ artist: 1 })));
  const assigned = { ...admit(requestOf({ limit: 20 }), ofOneArtist, NOW_MS), variant: DEFAULT_VARIANT };
  expect(slates.itemsFor(assigned)).toBeUndefined();
});

it.each<[string, Partial<RecommendRequest>]>([
  ['an explanation', { explain: true }],
  ['tracks of a context', { contextTrackIds: ['t1', 't2'] }],
  ['more than is ready', { limit: 200 }],
  ['next to nothing that is left', { limit: 100, recentTrackIds: Array.from({ length: 200 }, (_, i) => `t${i}`) }],
])('leave %s to the stages', (_, changes) => {
  expect(itemsOf(changes)).toBeUndefined();
});
