/** The words of a request and its answer, after parsing. */
import type { Source } from '../features/candidates.js';

export const SURFACES = ['now-playing', 'smart-shuffle', 'radio'] as const;
export type SurfaceName = (typeof SURFACES)[number];

export interface RecommendRequest {
  readonly listenerId: string;
  readonly surface: SurfaceName;
  readonly requestId: string;
  readonly sessionId?: string | undefined;
  readonly seedTrackId?: string | undefined;
  readonly recentTrackIds: readonly string[];
  readonly queuedTrackIds: readonly string[];
  readonly contextId?: string | undefined;
  readonly contextTrackIds: readonly string[];
  readonly limit?: number | undefined;
  readonly market?: string | undefined;
  readonly allowExplicit: boolean;
  readonly budgetMs?: number | undefined;
  readonly explain: boolean;
}

export const LEVELS = ['full', 'reduced', 'light', 'cached', 'popular'] as const;
export type Level = (typeof LEVELS)[number];
export const CAUSES = ['timeout', 'unavailable', 'overload', 'error', 'stale'] as const;
export type Cause = (typeof CAUSES)[number];
export const STAGES = [
  'admit',
  'assign',
  'listen',
  'retrieve',
  'filter',
  'rank',
  'sequence',
  'blend',
  'respond',
  'expose',
] as const;
export type StageName = (typeof STAGES)[number];

export interface Reason {
  readonly stage: StageName;
  readonly cause: Cause;
  readonly detail: string;
}

/** Why a request is to be answered without work, at level `popular`. */
export interface Shed {
  readonly cause: 'overload' | 'timeout';
  readonly detail: string;
}

/** What a request has to do without, as others want to be answered too. */
export interface Cuts {
  readonly shed?: Shed | undefined;
  /** Share of its surface's width that may be ranked, at least 0 and below 1. */
  readonly widthShare?: number | undefined;
}

export interface StageReport {
  readonly stage: StageName;
  readonly ms: number;
  readonly in: number;
  readonly out: number;
}

export interface ItemExplanation {
  readonly sources: readonly { readonly source: Source; readonly score: number; readonly rank: number }[];
  readonly features: Readonly<Record<string, number>>;
  readonly heads: Readonly<Record<string, number>>;
  readonly sequenceCosts: Readonly<Record<string, number>>;
  readonly firstPhaseScore: number;
  readonly boost: number;
}

export interface Item {
  readonly trackId: string;
  readonly position: number;
  readonly score: number;
  readonly sources: readonly Source[];
  readonly promotion?: { readonly campaignId: string };
  readonly explanation?: ItemExplanation;
}

export interface FilterReport {
  readonly filter: string;
  readonly removed: number;
  readonly trackIds: readonly string[];
}

export interface RecommendResponse {
  readonly requestId: string;
  readonly items: readonly Item[];
  readonly serving: {
    readonly variant: string;
    readonly ranker: string;
    readonly generation: string;
    readonly degradation: { readonly level: Level; readonly reasons: readonly Reason[] };
    readonly cache: 'hit' | 'miss' | 'stale' | 'off';
    readonly budgetMs: number;
    readonly elapsedMs: number;
    readonly stages: readonly StageReport[];
  };
  readonly explanation?: { readonly filters: readonly FilterReport[] };
}
