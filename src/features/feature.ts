/** What features are computed from, and what a feature is. */
import type { Listener } from '../listeners/listener.js';
import type { Catalogue } from '../worlds/world.js';
import type { Candidates } from './candidates.js';

/** Everything a feature may look at. The same for serving and for the training export. */
export interface FeatureInput {
  readonly catalogue: Catalogue;
  readonly listener: Listener;
  readonly candidates: Candidates;
  /** Slots of `candidates` to compute, in the order of the rows. */
  readonly slots: Uint32Array;
  /** What plays now, then what played before it, latest first; known tracks only. At most 200. */
  readonly recents: Uint32Array;
  readonly nowMs: number;
}

export interface FeatureDefinition {
  readonly name: string;
  readonly group: 'retrieval' | 'popularity' | 'history' | 'session' | 'taste' | 'audio' | 'artist';
  readonly unit: string;
  readonly range: readonly [minimum: number, maximum: number];
  /** What it means and how it is computed, in a sentence. */
  readonly doc: string;
}
