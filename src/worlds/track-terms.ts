/** What scoring needs of every track again and again, worked out once a process: 20 bytes a track. */
import { ATTRIBUTE, EMBEDDING_SIZE } from './attributes.js';
import { keyCode } from './camelot.js';
import { besideOf } from './vector-memory.js';
import { RECORD_BYTES, RECORD_FLOATS, type Catalogue } from './world.js';

/** float32 of a track at `ordinal * TERM_COUNT`. */
export const TERM_COUNT = 5;
export const TERM = {
  /** ln of the popularity, at least ln(0.00001); NaN when missing. */
  popularityLn: 0,
  /** ln(0.01 + popularity); NaN when missing. */
  popularityScoreLn: 1,
  /** log2 of the tempo in beats per minute; NaN when missing. */
  tempoLog2: 2,
  /** 1 / length of the embedding; 0 where it has none. */
  embeddingScale: 3,
  /** See `keyCode`; NaN when key or mode is missing. */
  keyCode: 4,
} as const;

export const EMBEDDING_OFFSET = RECORD_BYTES - EMBEDDING_SIZE;

const terms = new WeakMap<object, Float32Array>();

export function trackTermsOf(catalogue: Catalogue): Float32Array {
  let found = terms.get(catalogue);
  if (found === undefined) {
    found = computeTerms(catalogue);
    terms.set(catalogue, found);
  }
  return found;
}

/** Bytes that the terms of a catalogue file take at most. */
export function termsBytesMax(fileBytes: number): number {
  return Math.ceil(fileBytes / RECORD_BYTES) * TERM_COUNT * Float32Array.BYTES_PER_ELEMENT;
}

/** Beside the records where there is room, so that WebAssembly reaches both. */
function computeTerms({ count, floats, bytes }: Catalogue): Float32Array {
  const beside = besideOf(bytes.buffer, count * TERM_COUNT * Float32Array.BYTES_PER_ELEMENT);
  const out =
    beside === undefined
      ? new Float32Array(count * TERM_COUNT)
      : new Float32Array(beside.buffer, beside.byteOffset, count * TERM_COUNT);
  for (let ordinal = 0; ordinal < count; ordinal++) {
    const record = ordinal * RECORD_FLOATS;
    const at = ordinal * TERM_COUNT;
    const popularity = floats[record + ATTRIBUTE.popularity];
    out[at + TERM.popularityLn] = Math.log(Math.max(1e-5, popularity));
    out[at + TERM.popularityScoreLn] = Math.log(0.01 + popularity);
    out[at + TERM.tempoLog2] = Math.log2(floats[record + ATTRIBUTE.tempoBpm]);
    out[at + TERM.keyCode] = keyCode(floats[record + ATTRIBUTE.key], floats[record + ATTRIBUTE.mode]);
    out[at + TERM.embeddingScale] = scaleOf(bytes, ordinal * RECORD_BYTES + EMBEDDING_OFFSET);
  }
  return out;
}

function scaleOf(bytes: Int8Array, from: number): number {
  let squares = 0;
  for (let i = from; i < from + EMBEDDING_SIZE; i++) squares += bytes[i] * bytes[i];
  return squares === 0 ? 0 : 1 / Math.sqrt(squares);
}
