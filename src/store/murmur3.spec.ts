import { readFileSync } from 'node:fs';
import { murmur3x64128 } from './murmur3.js';

interface Vector {
  readonly key: string;
  readonly seed: number;
  readonly hash: string;
}

const vectors = JSON.parse(
  readFileSync(new URL('../../test/fixtures/murmur3-x64-128.json', import.meta.url), 'utf8'),
) as { readonly vectors: readonly Vector[] };

function hex(out: Uint32Array): string {
  return [1, 0, 3, 2].map((i) => out[i].toString(16).padStart(8, '0')).join('');
}

describe('MurmurHash3 x64 128', () => {
  it.each(vectors.vectors)('gives the published hash of "$key" with seed $seed', ({ key, seed, hash }) => {
    const bytes = new TextEncoder().encode(key);
    const out = new Uint32Array(4);
    murmur3x64128(bytes, bytes.length, seed, out);
    expect(hex(out)).toBe(hash);
  });

  it("gives SMHasher's verification value over all lengths from 0 to 255", () => {
    const key = new Uint8Array(256);
    const hashes = new Uint8Array(16 * 256);
    const out = new Uint32Array(4);
    const view = new DataView(hashes.buffer);
    const store = (at: number) => {
      out.forEach((quarter, i) => {
        view.setUint32(at + i * 4, quarter, true);
      });
    };
    for (let i = 0; i < 256; i++) {
      key[i] = i;
      murmur3x64128(key, i, 256 - i, out);
      store(i * 16);
    }
    murmur3x64128(hashes, hashes.length, 0, out);
    expect(out[0].toString(16)).toBe('6384ba69');
  });
});
