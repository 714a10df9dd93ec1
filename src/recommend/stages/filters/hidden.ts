/** Tracks that the listener hid. */
import type { Rule } from './rule.js';

export const hidden: Rule = {
  name: 'hidden',
  apply({ listener }, removal) {
    for (const ordinal of listener.preferences.hiddenOrdinals) removal.track(ordinal);
  },
};
