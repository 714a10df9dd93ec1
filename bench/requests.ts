/** The requests that every scenario sends: `now-playing`, ten tracks, what plays and seven tracks before it. */
import { streamOf } from '../test/sim/random.js';

export interface RequestShape {
  readonly count: number;
  readonly seed: number;
  readonly listeners: number;
  readonly listenerIdOf: (index: number) => string;
  /** By falling popularity. */
  readonly tracks: { readonly count: number; readonly idOf: (ordinal: number) => string };
  readonly budgetMs?: number;
}

export const LIMIT = 10;
const RECENTS = 7;

/** An ordinal of `count` by the cube of a uniform draw: 22 % of the draws are in the first hundredth, 46 % in the first tenth. */
export function popularOrdinal(count: number, uniform: number): number {
  return Math.floor(count * uniform * uniform * uniform);
}

/** @returns JSON bodies; listeners are spread over all there are, tracks are skewed to the popular ones */
export function requestBodies({ count, seed, listeners, listenerIdOf, tracks, budgetMs }: RequestShape): string[] {
  const random = streamOf(seed, 1);
  return Array.from({ length: count }, (_, i) => {
    const played = new Set<number>();
    while (played.size < Math.min(RECENTS + 1, tracks.count)) {
      played.add(popularOrdinal(tracks.count, random.uniform()));
    }
    const [seedTrackId, ...recentTrackIds] = Array.from(played, (ordinal) => tracks.idOf(ordinal));
    // One after another for a few listeners; at even distances where there are more listeners than requests.
    const listener = listeners <= count ? i % listeners : Math.floor(((i + random.uniform()) * listeners) / count);
    return JSON.stringify({
      listenerId: listenerIdOf(listener),
      surface: 'now-playing',
      limit: LIMIT,
      seedTrackId,
      recentTrackIds,
      ...(budgetMs === undefined ? {} : { budgetMs }),
    });
  });
}

/** The same requests with a budget. */
export function withBudget(bodies: readonly string[], budgetMs: number): string[] {
  return bodies.map((body) => JSON.stringify({ ...(JSON.parse(body) as object), budgetMs }));
}
