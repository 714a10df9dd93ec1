/** A rule of the filter stage, one reason to remove candidates; and what the rules of one request removed. */
import type { Retrieved } from '../../state.js';

export interface Rule {
  readonly name: string;
  /** Removes what the rule forbids; what another rule removed before stays removed by that one. */
  apply(state: Retrieved, removal: Removal): void;
}

export class Removal {
  /** Candidates that the rule which applies now removed. */
  removed = 0;
  private mark = 0;

  /**
   * @param count candidates in slots 0 to count - 1
   * @param removedBy by slot: 0 while kept, else the number of the rule that removed it
   * @param slotOf slot of an ordinal, -1 for tracks that are no candidates
   */
  constructor(
    readonly count: number,
    readonly removedBy: Uint8Array,
    private readonly slotOf: Int32Array,
  ) {
    removedBy.fill(0, 0, count);
  }

  /** @param mark number of the rule that applies from here on, from 1 */
  begin(mark: number): void {
    this.mark = mark;
    this.removed = 0;
  }

  keeps(slot: number): boolean {
    return this.removedBy[slot] === 0;
  }

  slot(slot: number): void {
    if (this.removedBy[slot] !== 0) return;
    this.removedBy[slot] = this.mark;
    this.removed++;
  }

  /** The track, where it is a candidate. @param ordinal of the pinned world */
  track(ordinal: number): void {
    const slot = this.slotOf[ordinal];
    if (slot >= 0) this.slot(slot);
  }
}
