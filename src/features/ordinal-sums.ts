/** Sums scores by ordinal, in memory that is used again. Between `begin` and `end` it borrows the catalogue's slot index. */
import { slotIndexOf } from './slot-index.js';

export class OrdinalSums {
  /** Of each sum, by first mention. */
  ordinals = new Uint32Array(0);
  /** Room for as many, for whoever orders them. */
  order = new Uint32Array(0);
  orderedOrdinals = new Uint32Array(0);
  orderedSums = new Float32Array(0);
  private sums = new Float32Array(0);
  private count = 0;
  private slotOf = new Int32Array(0);

  begin(catalogue: { readonly count: number }): void {
    this.count = 0;
    this.slotOf = slotIndexOf(catalogue);
  }

  add(ordinals: Uint32Array, scores: Float32Array, weight: number): void {
    this.grow(this.count + ordinals.length);
    const { slotOf, sums } = this;
    for (let i = 0; i < ordinals.length; i++) {
      const ordinal = ordinals[i];
      let slot = slotOf[ordinal];
      if (slot < 0) {
        slot = this.count++;
        slotOf[ordinal] = slot;
        this.ordinals[slot] = ordinal;
        sums[slot] = 0;
      }
      sums[slot] += weight * scores[i];
    }
  }

  /** Gives the slot index back. @returns the sums; valid until the next `begin` */
  end(): Float32Array {
    for (let slot = 0; slot < this.count; slot++) this.slotOf[this.ordinals[slot]] = -1;
    return this.sums.subarray(0, this.count);
  }

  private grow(size: number): void {
    if (size <= this.sums.length) return;
    const ordinals = new Uint32Array(2 * size);
    const sums = new Float32Array(2 * size);
    ordinals.set(this.ordinals);
    sums.set(this.sums);
    this.ordinals = ordinals;
    this.sums = sums;
    this.order = new Uint32Array(2 * size);
    this.orderedOrdinals = new Uint32Array(2 * size);
    this.orderedSums = new Float32Array(2 * size);
  }
}
