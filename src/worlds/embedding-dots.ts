/** Dot products of a vector with the embeddings of tracks: by WebAssembly where the catalogue lies in its memory and the processor can, else by plain loops. */
import { wasm } from '../gen/wasm/embedding-dots.js';
import { EMBEDDING_SIZE } from './attributes.js';
import { EMBEDDING_OFFSET } from './track-terms.js';
import { SCRATCH_BYTES, vectorMemoryOf } from './vector-memory.js';
import { RECORD_BYTES, type Catalogue } from './world.js';

/** Tracks of one call. */
export const DOTS_MAX = 4_096;

/** Its arrays are used again by each call, and belong to one turn of the event loop. */
export interface EmbeddingDots {
  /** `EMBEDDING_SIZE` numbers, to be written by the caller. */
  readonly vector: Int16Array;
  /** Tracks, to be written by the caller; all of the catalogue. */
  readonly ordinals: Uint32Array;
  /** The products, in the order of the tracks. */
  readonly dots: Int32Array;
  /** @param count of the tracks, at most `DOTS_MAX` */
  compute(count: number): void;
}

const known = new WeakMap<object, EmbeddingDots>();

export function embeddingDotsOf(catalogue: Pick<Catalogue, 'bytes'>): EmbeddingDots {
  let dots = known.get(catalogue);
  if (dots === undefined) {
    dots = vectorDots(catalogue) ?? plainDots(catalogue);
    known.set(catalogue, dots);
  }
  return dots;
}

const VECTOR_AT = 0;
const ORDINALS_AT = 2 * EMBEDDING_SIZE;
const DOTS_AT = ORDINALS_AT + 4 * DOTS_MAX;
if (DOTS_AT + 4 * DOTS_MAX > SCRATCH_BYTES) throw new RangeError('the arrays of a call do not fit the scratch memory');

type Dots = (embeddings: number, stride: number, vector: number, ordinals: number, count: number, dots: number) => void;

let module: WebAssembly.Module | undefined;

function vectorDots({ bytes }: Pick<Catalogue, 'bytes'>): EmbeddingDots | undefined {
  const memory = vectorMemoryOf(bytes.buffer);
  // Processors without such instructions are old, but there are some.
  if (memory === undefined || !WebAssembly.validate(wasm)) return undefined;
  module ??= new WebAssembly.Module(wasm);
  const dots = new WebAssembly.Instance(module, { segue: { memory } }).exports.dots as Dots;
  const embeddings = bytes.byteOffset + EMBEDDING_OFFSET;
  return {
    vector: new Int16Array(memory.buffer, VECTOR_AT, EMBEDDING_SIZE),
    ordinals: new Uint32Array(memory.buffer, ORDINALS_AT, DOTS_MAX),
    dots: new Int32Array(memory.buffer, DOTS_AT, DOTS_MAX),
    compute: (count) => {
      dots(embeddings, RECORD_BYTES, VECTOR_AT, ORDINALS_AT, count, DOTS_AT);
    },
  };
}

function plainDots({ bytes }: Pick<Catalogue, 'bytes'>): EmbeddingDots {
  const vector = new Int16Array(EMBEDDING_SIZE);
  const ordinals = new Uint32Array(DOTS_MAX);
  const dots = new Int32Array(DOTS_MAX);
  const compute = (count: number): void => {
    for (let row = 0; row < count; row++) {
      const base = ordinals[row] * RECORD_BYTES + EMBEDDING_OFFSET;
      let dot = 0;
      for (let i = 0; i < EMBEDDING_SIZE; i++) dot += bytes[base + i] * vector[i];
      dots[row] = dot;
    }
  };
  return { vector, ordinals, dots, compute };
}
