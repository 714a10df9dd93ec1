/** Tracks that the listener hid. */
import type { Rule } from './rule.js';

export const hidden: Rule = {
  name: 'hidden',
  removes({ listener }) {
    const { hiddenOrdinals } = listener.preferences;
    return hiddenOrdinals.size === 0 ? undefined : (_slot, ordinal) => hiddenOrdinals.has(ordinal);
  },
};
