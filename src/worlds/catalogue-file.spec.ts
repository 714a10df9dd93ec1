import fc from 'fast-check';
import { syntheticCatalogue } from '../../test/fixtures/catalogue.js';
import { SegueError } from '../errors.js';
import { ATTRIBUTE, ATTRIBUTE_COUNT, EMBEDDING_SIZE } from './attributes.js';
import { CatalogueBuilder } from './build-catalogue.js';
import { decodeCatalogue, encodeCatalogue } from './catalogue-file.js';
import { MemoryWorld } from './memory-world.js';
import { RECORD_BYTES, RECORD_FLOATS } from './world.js';

const COUNT = 1_000;
const bytes = syntheticCatalogue(COUNT);

describe('catalogue file', () => {
  const { catalogue } = decodeCatalogue(bytes);

  it('gives back ids, artists and markets', () => {
    expect([catalogue.count, catalogue.artistCount]).toEqual([COUNT, COUNT / 5]);
    for (let ordinal = 0; ordinal < COUNT; ordinal += 37) {
      expect(catalogue.ordinalOf(catalogue.idOf(ordinal))).toBe(ordinal);
    }
    expect(catalogue.ordinalOf('nobody')).toBe(-1);
    expect(catalogue.artistOf(catalogue.artistOrdinalOf('Artist 7'))).toBe('Artist 7');
    expect(catalogue.artistOrdinalOf('Artist 200')).toBe(-1);
    expect([0, 3, 4].map((ordinal) => catalogue.admits(ordinal, 'US'))).toEqual([true, false, true]);
    expect([0, 3, 4].map((ordinal) => catalogue.admits(ordinal, ''))).toEqual([true, true, true]);
  });

  it('gives back records, with NaN for what is missing', () => {
    const tempo = (ordinal: number) => catalogue.floats[ordinal * RECORD_FLOATS + ATTRIBUTE.tempoBpm];
    expect([tempo(7), tempo(8)]).toEqual([NaN, 88]);
    const at = 300 * RECORD_BYTES + ATTRIBUTE_COUNT * 4;
    expect([...catalogue.bytes.subarray(at, at + EMBEDDING_SIZE)]).toEqual(
      Array(EMBEDDING_SIZE).fill((300 % 255) - 127),
    );
  });

  it('gives back popular lists, and the one of everywhere for unknown markets', () => {
    const world = new MemoryWorld('g1', decodeCatalogue(bytes));
    expect(world.popular('DE').ordinals[0]).toBe(99);
    expect(world.popular(undefined).ordinals[0]).toBe(0);
    expect(world.popular('XX').ordinals[0]).toBe(0);
    expect([world.generation, world.dataFingerprint]).toEqual(['g1', 'f'.repeat(64)]);
  });

  it('takes at most 300 bytes a track', () => {
    const large = decodeCatalogue(syntheticCatalogue(33_000)).catalogue;
    expect(large.sizeBytes / large.count).toBeLessThan(300);
  });

  it('is refused when any byte is not as written', () => {
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = bytes.slice();
        damaged[at] ^= change;
        expect(() => decodeCatalogue(damaged)).toThrow(SegueError);
      }),
    );
  });

  it('is refused when it is cut short, empty or another file', () => {
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), (length) => {
        expect(() => decodeCatalogue(bytes.slice(0, length))).toThrow(SegueError);
      }),
    );
    expect(() => decodeCatalogue(new Uint8Array(500))).toThrow('the catalogue file has no SEGUECAT header');
  });

  it('says which version it has', () => {
    const newer = bytes.slice();
    newer[8] = 9;
    expect(() => decodeCatalogue(newer)).toThrow('has version 9, this Segue reads version 1');
  });
});

describe('catalogue builder', () => {
  const track = { attributes: {}, markets: [] };

  it('finds an artist by every spelling, and names it by that of its first track', () => {
    const builder = new CatalogueBuilder(3);
    builder.add({ ...track, id: 'a', artist: 'Paul McCartney', artistOrdinal: 0 });
    builder.add({ ...track, id: 'b', artist: 'Paul Mccartney', artistOrdinal: 0 });
    builder.add({ ...track, id: 'c', artist: 'Wings', artistOrdinal: 1 });
    const list = { ordinals: Uint32Array.of(0), scores: Float32Array.of(1) };
    const parts = builder.parts(builder.idTable(), new Map([['', list]]));
    const { catalogue } = decodeCatalogue(encodeCatalogue(parts, { dataFingerprint: '', builtThroughMs: 0 }));
    expect(catalogue.artistCount).toBe(2);
    expect(catalogue.artistOf(0)).toBe('Paul McCartney');
    const spellings = ['Paul McCartney', 'Paul Mccartney', 'Wings', 'paul'];
    expect(spellings.map((name) => catalogue.artistOrdinalOf(name))).toEqual([0, 0, 1, -1]);
  });

  it.each([
    ['occurs twice', [0, 0], ['a', 'a'], ['x', 'x']],
    ['no track has the artist ordinal 0', [1, 1], ['a', 'b'], ['x', 'x']],
    ['artist ordinal 2 is not 0 to 1', [0, 2], ['a', 'b'], ['x', 'y']],
    ['there are 1 tracks of 2', [0], ['a'], ['x']],
    ['"x" occurs twice', [0, 1], ['a', 'b'], ['x', 'x']],
  ])('refuses tracks where %s', (reason, artistOrdinals, ids, artists) => {
    const build = () => {
      const builder = new CatalogueBuilder(2);
      ids.forEach((id, i) => {
        builder.add({ ...track, id, artist: artists[i], artistOrdinal: artistOrdinals[i] });
      });
      builder.parts(builder.idTable(), new Map());
    };
    expect(build).toThrow(reason);
  });
});
