/** A rule of the filter stage: one reason to remove a candidate. */
import type { Retrieved } from '../../state.js';

export interface Rule {
  readonly name: string;
  /**
   * Whether the candidate in this slot is removed, or `undefined` when the rule removes nothing from this request.
   * The predicate is asked once for each slot, in slot order.
   */
  removes(state: Retrieved): ((slot: number, ordinal: number) => boolean) | undefined;
}
