import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { addToBloomFilter, BLOOM_BITS_MAX, checkBloomFilter, emptyBloomFilter, mayContain } from './bloom-filter.js';

interface Vectors {
  readonly bits: number;
  readonly hashes: number;
  readonly seed: number;
  readonly ids: readonly string[];
  readonly filterHex: string;
}

const vectors = JSON.parse(
  readFileSync(new URL('../../test/fixtures/bloom-filter.json', import.meta.url), 'utf8'),
) as Vectors;

describe('Bloom filter', () => {
  it('sets the bits that the row format says', () => {
    const bloom = { ...vectors, filter: new Uint8Array(vectors.bits / 8) };
    for (const id of vectors.ids) addToBloomFilter(bloom, id);
    expect(Buffer.from(bloom.filter).toString('hex')).toBe(vectors.filterHex);
  });

  it('knows everything that was added', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ unit: 'grapheme', maxLength: 64 }), { maxLength: 300 }), (ids) => {
        const bloom = emptyBloomFilter(ids.length);
        for (const id of ids) addToBloomFilter(bloom, id);
        expect(ids.every((id) => mayContain(bloom, id))).toBe(true);
      }),
    );
  });

  it.each([50, 1_000, 20_000])('takes at most 1.5 percent of others for one of %i ids', (entries) => {
    const bloom = emptyBloomFilter(entries);
    for (let i = 0; i < entries; i++) addToBloomFilter(bloom, `track-${i}`);
    let wrong = 0;
    for (let i = 0; i < 10_000; i++) wrong += mayContain(bloom, `other-${i}`) ? 1 : 0;
    expect(wrong / 10_000).toBeLessThan(0.015);
  });

  it('never grows over its limit', () => {
    expect(emptyBloomFilter(10_000_000).bits).toBe(BLOOM_BITS_MAX);
  });

  it.each([
    { bits: 64, hashes: 7, seed: 1, filter: new Uint8Array(9) },
    { bits: 0, hashes: 7, seed: 1, filter: new Uint8Array(0) },
    { bits: 64, hashes: 0, seed: 1, filter: new Uint8Array(8) },
    { bits: 64, hashes: 17, seed: 1, filter: new Uint8Array(8) },
    { bits: BLOOM_BITS_MAX * 2, hashes: 7, seed: 1, filter: new Uint8Array(BLOOM_BITS_MAX / 4) },
  ])('refuses a filter whose sizes do not fit together', (bloom) => {
    expect(() => {
      checkBloomFilter(bloom);
    }).toThrow(/corrupt row: Heard/);
  });
});
