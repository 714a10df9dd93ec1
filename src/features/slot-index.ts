/** A catalogue's scratch index from ordinal to slot, one a process: 4 bytes a track, all -1 between uses. */

const indices = new WeakMap<object, Int32Array<ArrayBuffer>>();

/** Lent for one turn of the event loop: whoever takes it leaves it all -1. */
export function slotIndexOf(catalogue: { readonly count: number }): Int32Array<ArrayBuffer> {
  let slotOf = indices.get(catalogue);
  if (slotOf === undefined) {
    slotOf = new Int32Array(catalogue.count).fill(-1);
    indices.set(catalogue, slotOf);
  }
  return slotOf;
}
