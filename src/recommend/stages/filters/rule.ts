/** A rule of the filter stage: one reason to remove candidates. */
import type { Retrieved } from '../../state.js';
import type { Removal } from './removal.js';

export interface Rule {
  readonly name: string;
  /** Removes what the rule forbids; what another rule removed before stays removed by that one. */
  apply(state: Retrieved, removal: Removal): void;
}
