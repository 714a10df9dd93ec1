/** A listener of whom nothing is known, or nothing arrived. */
import type { Listener } from './listener.js';

export function unknownListener(id: string): Listener {
  return {
    id,
    row: undefined,
    session: {
      count: 0,
      types: new Uint8Array(0),
      ordinals: new Int32Array(0),
      occurredAtMs: new Float64Array(0),
      playedMs: new Float32Array(0),
      playNumbers: new Uint32Array(0),
      playsSinceBuild: 0,
      isNew: new Uint8Array(0),
      version: '',
    },
    preferences: { hiddenOrdinals: new Set(), blockedArtistOrdinals: new Set(), version: 0 },
    corrupt: [],
  };
}
