import fc from 'fast-check';
import { EMBEDDING_SIZE } from './attributes.js';
import { DOTS_MAX, embeddingDotsOf } from './embedding-dots.js';
import { EMBEDDING_OFFSET } from './track-terms.js';
import { vectorMemory, vectorMemoryOf } from './vector-memory.js';
import { RECORD_BYTES } from './world.js';

const TRACKS = 300;
/** A sum of five embeddings. */
const component = fc.integer({ min: -640, max: 635 });
const vectors = fc.array(component, { minLength: EMBEDDING_SIZE, maxLength: EMBEDDING_SIZE });
const embeddings = fc.int8Array({ minLength: TRACKS * EMBEDDING_SIZE, maxLength: TRACKS * EMBEDDING_SIZE });

function catalogueIn(memory: Uint8Array<ArrayBuffer>, values: Int8Array): { bytes: Int8Array } {
  const bytes = new Int8Array(memory.buffer, memory.byteOffset, memory.length).fill(99);
  for (let track = 0; track < TRACKS; track++) {
    const own = values.subarray(track * EMBEDDING_SIZE, (track + 1) * EMBEDDING_SIZE);
    bytes.set(own, track * RECORD_BYTES + EMBEDDING_OFFSET);
  }
  return { bytes };
}

function dotsIn(catalogue: { bytes: Int8Array }, vector: readonly number[], ordinals: readonly number[]): number[] {
  const dots = embeddingDotsOf(catalogue);
  dots.vector.set(vector);
  dots.ordinals.set(ordinals);
  dots.compute(ordinals.length);
  return [...dots.dots.subarray(0, ordinals.length)];
}

describe('dot products with embeddings', () => {
  test.each([
    ['vector memory', (): Uint8Array<ArrayBuffer> => vectorMemory(TRACKS * RECORD_BYTES)],
    ['plain memory', (): Uint8Array<ArrayBuffer> => new Uint8Array(TRACKS * RECORD_BYTES)],
  ])('in %s are the sums of products', (_name, memory) => {
    const ordinals = fc.array(fc.nat({ max: TRACKS - 1 }), { maxLength: 40 });
    fc.assert(
      fc.property(embeddings, vectors, ordinals, (values, vector, wanted) => {
        const expected = wanted.map((ordinal) =>
          vector.reduce((sum, value, i) => sum + value * values[ordinal * EMBEDDING_SIZE + i], 0),
        );
        expect(dotsIn(catalogueIn(memory(), values), vector, wanted)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  test('are computed for as many tracks as fit, the last of the memory among them', () => {
    const values = new Int8Array(TRACKS * EMBEDDING_SIZE).fill(-128);
    const catalogue = catalogueIn(vectorMemory(TRACKS * RECORD_BYTES), values);
    const all = Array.from({ length: DOTS_MAX }, (_, i) => (TRACKS - 1 - i + DOTS_MAX * TRACKS) % TRACKS);
    const vector = Array<number>(EMBEDDING_SIZE).fill(-640);
    expect(new Set(dotsIn(catalogue, vector, all))).toEqual(new Set([128 * 640 * EMBEDDING_SIZE]));
  });
});

describe('vector memory', () => {
  test('is zeroed and of the length asked for', () => {
    for (const length of [0, 1, 65_536, 65_537]) {
      const memory = vectorMemory(length);
      expect(memory.length).toBe(length);
      expect(memory.every((byte) => byte === 0)).toBe(true);
      expect(vectorMemoryOf(memory.buffer)?.buffer).toBe(memory.buffer);
    }
  });

  test('is plain where the addresses do not reach', () => {
    const memory = vectorMemory(2 ** 32);
    expect(memory.length).toBe(2 ** 32);
    expect(vectorMemoryOf(memory.buffer)).toBeUndefined();
  });
});
