/** A surface is a typed recipe: where its candidates come from, what is kept, how they are ordered, and how long it may take. */
import type { Source } from '../features/candidates.js';
import type { SurfaceName } from './types.js';

export interface Surface {
  readonly name: SurfaceName;
  /** Candidates taken from each source at most. */
  readonly quotas: Readonly<Record<Source, number>>;
  /** Tracks whose neighbours are retrieved: the seed and the most recent ones. */
  readonly neighbourSeeds: number;
  readonly filters: {
    /** Plays that must lie between two plays of a track. */
    readonly repeatGapPlays: number;
    /** Whether suggestions must be tracks the listener never heard. */
    readonly discoveriesOnly: boolean;
    /** Candidates of one artist at most. */
    readonly artistCandidatesMax: number;
  };
  /** Candidates scored by the ranker at most. */
  readonly width: number;
  readonly limitDefault: number;
  readonly budgetDefaultMs: number;
  readonly budgetMaxMs: number;
  readonly sequence: SequencePolicy;
  readonly blend: BlendPolicy;
}

export interface SequencePolicy {
  /** Tracks of one artist in a slate at most. */
  readonly artistSlateMax: number;
  /** Tracks between two of one artist at least. */
  readonly artistSpacing: number;
  /** Own tracks of the context for each suggestion; 0 = no such pattern. */
  readonly contextPerSuggestion: number;
  /** Contexts shorter than this get no suggestions. */
  readonly contextTracksMin: number;
}

export interface BlendPolicy {
  /** Promoted tracks in every prefix of k positions: at most floor(share * k). */
  readonly share: number;
  /** Distance between two promoted positions at least. */
  readonly spacing: number;
  /** Utility a promotion may cost the listener (R1, R2). */
  readonly epsilon: number;
  /** Utility that a boost can add at most. */
  readonly boostMax: number;
}

const BLEND: BlendPolicy = { share: 0.2, spacing: 4, epsilon: 0.05, boostMax: 0.3 };

export const SURFACE: Readonly<Record<SurfaceName, Surface>> = {
  'now-playing': {
    name: 'now-playing',
    quotas: { neighbours: 400, pool: 400, context: 200, promoted: 50, popular: 100 },
    neighbourSeeds: 8,
    filters: { repeatGapPlays: 30, discoveriesOnly: false, artistCandidatesMax: 40 },
    width: 500,
    limitDefault: 10,
    budgetDefaultMs: 150,
    budgetMaxMs: 2000,
    sequence: { artistSlateMax: 3, artistSpacing: 3, contextPerSuggestion: 0, contextTracksMin: 0 },
    blend: BLEND,
  },
  'smart-shuffle': {
    name: 'smart-shuffle',
    quotas: { neighbours: 300, pool: 200, context: 500, promoted: 50, popular: 50 },
    neighbourSeeds: 8,
    filters: { repeatGapPlays: 15, discoveriesOnly: true, artistCandidatesMax: 80 },
    width: 500,
    limitDefault: 20,
    budgetDefaultMs: 150,
    budgetMaxMs: 2000,
    sequence: { artistSlateMax: 6, artistSpacing: 2, contextPerSuggestion: 3, contextTracksMin: 15 },
    blend: BLEND,
  },
  radio: {
    name: 'radio',
    quotas: { neighbours: 300, pool: 1400, context: 200, promoted: 50, popular: 200 },
    neighbourSeeds: 8,
    filters: { repeatGapPlays: 30, discoveriesOnly: false, artistCandidatesMax: 120 },
    width: 500,
    limitDefault: 20,
    budgetDefaultMs: 150,
    budgetMaxMs: 2000,
    sequence: { artistSlateMax: 4, artistSpacing: 2, contextPerSuggestion: 0, contextTracksMin: 0 },
    blend: BLEND,
  },
};
