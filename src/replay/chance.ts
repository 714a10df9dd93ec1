/** Seeded randomness: the same seed and the same place give the same number, whatever was drawn before. */

/** The finaliser of MurmurHash3, 32 bits (Appleby, public domain). */
function finalised(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A number in [0, 1) from a seed and a place. */
export function uniformAt(seed: number, place: number): number {
  return finalised(finalised(seed + 0x9e3779b9) ^ Math.imul(place + 1, 0x9e3779b1)) / 4_294_967_296;
}

/** A place from a text. FNV-1a, 32 bits (Fowler, Noll and Vo), over UTF-16 code units. */
export function placeOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** `wanted` of the numbers 0 to count - 1 in random order, all of them where there are fewer (Fisher and Yates). */
export function sampleOf(count: number, wanted: number, seed: number): Uint32Array {
  const numbers = Uint32Array.from({ length: count }, (_, i) => i);
  const taken = Math.min(count, wanted);
  for (let i = 0; i < taken; i++) {
    const j = i + Math.floor(uniformAt(seed, i) * (count - i));
    const chosen = numbers[j] ?? 0;
    numbers[j] = numbers[i] ?? 0;
    numbers[i] = chosen;
  }
  return numbers.slice(0, taken);
}
