/** What flows from stage to stage: each state holds the one before and adds what its stage found. */
import type { Variant } from '../experiments/assign.js';
import type { Candidates } from '../features/candidates.js';
import type { Listener } from '../listeners/listener.js';
import type { HeadScores } from '../ranking/ranker.js';
import type { PromotionView } from '../promotion/snapshot.js';
import type { World } from '../worlds/world.js';
import type { Surface } from './surfaces.js';
import type { FilterReport, RecommendRequest } from './types.js';

/** After admit. */
export interface Admitted {
  readonly request: RecommendRequest;
  readonly surface: Surface;
  readonly world: World;
  /** Wall clock, epoch milliseconds. */
  readonly nowMs: number;
  /** Hash of the request id: the only randomness of a request. */
  readonly seed: number;
}

/** After assign. */
export interface Assigned extends Admitted {
  readonly variant: Variant;
}

/** After listen. */
export interface Listened extends Assigned {
  readonly listener: Listener;
  /** What plays now, then what played before it, latest first; known tracks only. */
  readonly recents: Uint32Array;
  /** Tracks waiting to be played. */
  readonly queued: Uint32Array;
}

/** After retrieve. */
export interface Retrieved extends Listened {
  readonly candidates: Candidates;
  /** Ordinals of the context in its own order; empty without one. */
  readonly context: Uint32Array;
  readonly promotions: PromotionView;
}

/** After filter. */
export interface Filtered extends Retrieved {
  /** Slots of `candidates` that were kept, in slot order. */
  readonly kept: Uint32Array;
  readonly removed: readonly FilterReport[];
}

/** After rank: parallel arrays by falling score. */
export interface RankedList {
  readonly ordinals: Uint32Array;
  readonly scores: Float32Array;
  /** In [0, 1]. */
  readonly utilities: Float32Array;
  /** Bits of SOURCE_BIT. */
  readonly sources: Uint8Array;
  /** `name@version`, or `first-phase`. */
  readonly ranker: string;
}

/** What `explain` needs of the ranking; row i belongs to entry i of the list. */
export interface RankingDetails {
  readonly featureNames: readonly string[];
  readonly matrix: Float32Array;
  readonly rowOf: Uint32Array;
  readonly slotOf: Uint32Array;
  readonly firstPhase: Float32Array;
  readonly heads: HeadScores | undefined;
}

/** After sequence: the organic slate and what follows it, by index into the ranked list. */
export interface SequencedSlate {
  readonly order: Uint32Array;
  /** Cost terms of each placed position; empty unless asked for. */
  readonly costs: readonly Readonly<Record<string, number>>[];
}

/** After blend. */
export interface PlacedItem {
  /** Index into the ranked list. */
  readonly index: number;
  readonly campaignId?: string;
  readonly boost: number;
}
