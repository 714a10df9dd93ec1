/** expose: what was served, with all that is needed to judge it and to serve it again; after the response. */
import type { RecommendRequest, RecommendResponse } from '../types.js';

/** One line of the exposure stream. */
export function exposureOf(
  request: RecommendRequest,
  response: RecommendResponse,
  nowMs: number,
  seed: number,
): object {
  const { serving } = response;
  return {
    requestId: response.requestId,
    at: new Date(nowMs).toISOString(),
    listenerId: request.listenerId,
    surface: request.surface,
    ...(request.sessionId === undefined ? {} : { sessionId: request.sessionId }),
    ...(request.seedTrackId === undefined ? {} : { seedTrackId: request.seedTrackId }),
    ...(request.contextId === undefined ? {} : { contextId: request.contextId }),
    ...(request.market === undefined ? {} : { market: request.market }),
    recentTrackIds: request.recentTrackIds,
    queuedTrackIds: request.queuedTrackIds,
    contextTracks: request.contextTrackIds.length,
    allowExplicit: request.allowExplicit,
    limit: response.items.length,
    seed,
    variant: serving.variant,
    ranker: serving.ranker,
    generation: serving.generation,
    level: serving.degradation.level,
    reasons: serving.degradation.reasons,
    cache: serving.cache,
    elapsedMs: serving.elapsedMs,
    items: response.items.map(({ trackId, score, sources, promotion }) => ({
      trackId,
      score,
      sources,
      ...(promotion === undefined ? {} : { campaignId: promotion.campaignId }),
    })),
  };
}
