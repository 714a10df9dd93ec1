/** What features are computed from, and what a feature is. */
import type { Listener } from '../listeners/listener.js';
import type { Catalogue } from '../worlds/world.js';
import type { Candidates } from './candidates.js';

/** Everything a feature may look at. The same for serving and for the training export. */
export interface FeatureInput {
  readonly catalogue: Catalogue;
  readonly listener: Listener;
  readonly candidates: Candidates;
  /** What plays now, then what played before it, latest first; known tracks only. At most 200. */
  readonly recents: Uint32Array;
}

export interface FeatureDefinition {
  readonly name: string;
  readonly group: 'retrieval' | 'popularity' | 'history' | 'rotation' | 'session' | 'taste' | 'audio' | 'artist';
  readonly unit: string;
  /** Of values that are not missing. */
  readonly range: readonly [minimum: number, maximum: number];
  /** What it means, in a sentence. */
  readonly doc: string;
}
