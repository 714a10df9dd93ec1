/** Runs the whole way of a request before the first real one, so that no client waits for compilation and first pages. */
import { Recommender, type RecommendParts } from '../recommend/recommend.js';
import { SURFACES } from '../recommend/types.js';

const ROUNDS = 40;

/** Serves made-up listeners; leaves no exposures, no metrics and nothing in the cache. */
export async function warmUp(parts: RecommendParts): Promise<void> {
  const recommender = new Recommender({
    ...parts,
    exposures: { offer: () => true },
    observer: { served: () => undefined, unknownIds: () => undefined, late: () => undefined },
  });
  const catalogue = parts.worlds.current?.catalogue;
  for (let round = 0; round < ROUNDS; round++) {
    const seedTrackId = catalogue?.idOf(round % catalogue.count);
    for (const surface of SURFACES) {
      const request = {
        listenerId: 'warm-up',
        surface,
        requestId: `warm-up-${round}`,
        ...(seedTrackId === undefined ? {} : { seedTrackId }),
        recentTrackIds: [],
        queuedTrackIds: [],
        contextTrackIds: [],
        allowExplicit: true,
      };
      await recommender.recommend({ ...request, explain: true }, { receivedAtMs: parts.clock.monotonicMs() });
      const shed = { cause: 'overload', detail: 'warm-up' } as const;
      await recommender.recommend({ ...request, explain: false }, { receivedAtMs: parts.clock.monotonicMs(), shed });
    }
  }
}
