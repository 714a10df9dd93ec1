/** Artists that the listener blocked. */
import { ATTRIBUTE } from '../../../worlds/attributes.js';
import { RECORD_FLOATS } from '../../../worlds/world.js';
import type { Rule } from './rule.js';

export const blockedArtist: Rule = {
  name: 'blocked-artist',
  removes({ listener, world }) {
    const { blockedArtistOrdinals } = listener.preferences;
    if (blockedArtistOrdinals.size === 0) return undefined;
    const { floats } = world.catalogue;
    return (_slot, ordinal) => blockedArtistOrdinals.has(floats[ordinal * RECORD_FLOATS + ATTRIBUTE.artist] ?? NaN);
  },
};
