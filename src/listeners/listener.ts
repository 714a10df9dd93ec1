/** All that `listen` knows of a listener, in ordinals of the pinned world. */

/** A candidate list of one batch source, by falling score. */
export interface ScoredList {
  readonly name: string;
  readonly ordinals: Uint32Array;
  readonly scores: Float32Array;
}

/** See `Signals` in proto/segue/rows/v1/rows.proto. */
export interface Signals {
  readonly attributeMeans: Float32Array;
  readonly attributeDeviations: Float32Array;
  readonly artistOrdinals: Uint32Array;
  readonly artistWeights: Float32Array;
  readonly plays: number;
  readonly completionRate: number;
  readonly skipRate: number;
  readonly market: string;
}

/** See `History` in proto/segue/rows/v1/rows.proto; parallel arrays by rising ordinal. */
export interface History {
  readonly ordinals: Uint32Array;
  readonly plays: Uint32Array;
  readonly lastIndices: Uint32Array;
  readonly lastAtMs: Float64Array;
  readonly gapMeans: Float32Array;
  readonly gapMedians: Float32Array;
  readonly gapMinimums: Float32Array;
  readonly gapLasts: Float32Array;
  readonly skips: Uint32Array;
  readonly completions: Uint32Array;
  readonly totalPlays: number;
  readonly artistOrdinals: Uint32Array;
  readonly artistLastIndices: Uint32Array;
  readonly artistGapMeans: Float32Array;
}

/** Answers false only for tracks never heard. */
export interface Heard {
  has(trackId: string): boolean;
}

/** Decoded batch row of the listener; each part is absent when the row has no such column. */
export interface ListenerRow {
  /** Latest play in the row; 0 when the row has no readable column. */
  readonly builtThroughMs: number;
  readonly pool: readonly ScoredList[];
  readonly signals: Signals | undefined;
  readonly history: History | undefined;
  readonly heard: Heard | undefined;
}

export const SESSION_EVENTS_MAX = 256;

export const EventCode = { playStarted: 1, playCompleted: 2, skip: 3, save: 4, hide: 5 } as const;

/** The last 256 live events, oldest first; parallel arrays of length `count`. */
export interface Session {
  readonly count: number;
  /** `EventCode` */
  readonly types: Uint8Array;
  /** -1 where the pinned world does not know the track. */
  readonly ordinals: Int32Array;
  readonly occurredAtMs: Float64Array;
  /** NaN where not given. */
  readonly playedMs: Float32Array;
  /** Number of a start among the listener's starts; 0 for other types. */
  readonly playNumbers: Uint32Array;
  /** Starts since the batch row's `builtThrough`, also those that are no longer among the 256. */
  readonly playsSinceBuild: number;
  /** 1 where the event is not in the batch history already. */
  readonly isNew: Uint8Array;
  /** Changes whenever the session or the preferences change. */
  readonly version: string;
}

export interface Preferences {
  readonly hiddenOrdinals: ReadonlySet<number>;
  readonly blockedArtistOrdinals: ReadonlySet<number>;
  /** Changes whenever they change; 0 where there are none. */
  readonly version: number;
}

export interface Listener {
  readonly id: string;
  readonly row: ListenerRow | undefined;
  readonly session: Session;
  readonly preferences: Preferences;
  /** Parts that are stored and cannot be read; they count as absent. Empty but for corruption. */
  readonly corrupt: readonly string[];
}
