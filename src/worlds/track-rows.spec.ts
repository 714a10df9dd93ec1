import fc from 'fast-check';
import { CorruptRowError } from '../store/corrupt-row-error.js';
import { decodeContextTracks, decodeNeighbours, packContextTracks, packNeighbours } from './track-rows.js';

const COUNT = 1_000;
const builtThroughMs = 1_763_000_000_123;
const pairs = fc.array(fc.tuple(fc.nat({ max: COUNT - 1 }), fc.float({ noDefaultInfinity: true })), { maxLength: 100 });

describe('track row codec', () => {
  it('gives back all neighbours and contexts', () => {
    fc.assert(
      fc.property(pairs, (entries) => {
        const ordinals = Uint32Array.from(entries, ([ordinal]) => ordinal);
        const scores = Float32Array.from(entries, ([, score]) => score);
        const track = new Map([['neighbours', packNeighbours(builtThroughMs, { ordinals, scores })]]);
        const context = new Map([['tracks', packContextTracks(builtThroughMs, ordinals)]]);
        expect(decodeNeighbours(track, COUNT)).toEqual({ ordinals, scores });
        expect(decodeContextTracks(context, COUNT)).toEqual(ordinals);
      }),
    );
  });

  it('knows no neighbours and no context where there is no row', () => {
    expect(decodeNeighbours(undefined, COUNT)).toBeUndefined();
    expect(decodeContextTracks(new Map(), COUNT)).toBeUndefined();
  });

  it('refuses ordinals beyond the catalogue', () => {
    const row = new Map([['tracks', packContextTracks(builtThroughMs, Uint32Array.of(COUNT))]]);
    expect(() => decodeContextTracks(row, COUNT)).toThrow(/ContextTracks.ordinals holds ordinal 1000 of 1000/);
  });

  it('refuses bytes that are no row', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          decodeNeighbours(new Map([['neighbours', bytes]]), COUNT);
          decodeContextTracks(new Map([['tracks', bytes]]), COUNT);
        } catch (error) {
          expect(error).toBeInstanceOf(CorruptRowError);
        }
      }),
    );
  });
});
