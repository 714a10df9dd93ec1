import { EMBEDDING_SIZE } from './attributes.js';
import { EMBEDDING_LENGTH, RandomIndex } from './embedding.js';
import { stringTable } from './string-table.js';

const ids = stringTable(Array.from({ length: 2_000 }, (_, i) => `track ${i}`));
const index = new RandomIndex(ids);

function embed(ordinals: readonly number[], scores = ordinals.map(() => 1)): Int8Array {
  const out = new Int8Array(EMBEDDING_SIZE).fill(99);
  index.embed({ ordinals: Uint32Array.from(ordinals), scores: Float32Array.from(scores) }, out);
  return out;
}

function dot(a: Int8Array, b: Int8Array): number {
  let sum = 0;
  for (let i = 0; i < EMBEDDING_SIZE; i++) sum += a[i] * b[i];
  return sum / EMBEDDING_LENGTH ** 2;
}

describe('embedding', () => {
  it('is zero without neighbours', () => {
    expect(embed([])).toEqual(new Int8Array(EMBEDDING_SIZE));
    expect(embed([1, 2], [0, NaN])).toEqual(new Int8Array(EMBEDDING_SIZE));
  });

  it('has length 127 and comes out the same each time', () => {
    expect(dot(embed([1, 2, 3]), embed([1, 2, 3]))).toBeCloseTo(1, 1);
    const again = new Int8Array(EMBEDDING_SIZE);
    new RandomIndex(ids).embed({ ordinals: Uint32Array.of(7), scores: Float32Array.of(3) }, again);
    expect(again).toEqual(embed([7]));
  });

  it('is near for tracks that share neighbours and far for others', () => {
    const range = (from: number) => Array.from({ length: 50 }, (_, i) => from + i);
    let near = 0;
    let far = 0;
    for (let i = 0; i < 30; i++) {
      near += dot(embed(range(i * 50)), embed(range(i * 50 + 10))) / 30;
      far += Math.abs(dot(embed(range(i * 50)), embed(range((i + 5) * 50)))) / 30;
    }
    expect(near).toBeGreaterThan(0.65);
    expect(far).toBeLessThan(0.25);
  });

  it('leans towards neighbours with higher scores', () => {
    const mixed = embed([1, 2], [10, 1]);
    expect(dot(mixed, embed([1]))).toBeGreaterThan(dot(mixed, embed([2])));
  });
});
