/** Artists that the listener blocked. */
import type { Rule } from './rule.js';

export const blockedArtist: Rule = {
  name: 'blocked-artist',
  apply({ listener, candidates }, removal) {
    const { blockedArtistOrdinals } = listener.preferences;
    if (blockedArtistOrdinals.size === 0) return;
    const { artists, artistOrdinals } = candidates;
    for (let slot = 0; slot < removal.count; slot++) {
      const artist = artists[slot];
      if (artist >= 0 && blockedArtistOrdinals.has(artistOrdinals[artist])) removal.slot(slot);
    }
  },
};
