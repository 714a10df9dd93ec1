import fc from 'fast-check';
import { NeighbourCache } from './neighbour-cache.js';
import type { Neighbours } from './track-rows.js';

const TRACKS = 50;
const BYTES_MAX = 4_000;

function neighboursOf(ordinal: number, length: number): Neighbours {
  return {
    ordinals: Uint32Array.from({ length }, (_, i) => ordinal * 1000 + i),
    scores: Float32Array.from({ length }, (_, i) => 1 / (1 + i)),
  };
}

function serving(bytesMax = BYTES_MAX) {
  const cache = new NeighbourCache(bytesMax);
  cache.serve('g1', TRACKS);
  const table = cache.of('g1');
  if (table === undefined) throw new Error('nothing is kept');
  return { cache, table };
}

describe('neighbours in memory', () => {
  it('are those that were kept, or not there, and never more than fit', () => {
    const keep = fc.record({ ordinal: fc.nat(TRACKS - 1), length: fc.option(fc.nat(100), { nil: undefined }) });
    fc.assert(
      fc.property(fc.array(keep, { maxLength: 200, size: 'max' }), (steps) => {
        const { cache, table } = serving();
        const kept = new Map<number, Neighbours | undefined>();
        for (const { ordinal, length } of steps) {
          const known = table.get(ordinal);
          if (known !== undefined) {
            expect(known).toEqual(kept.get(ordinal) ?? 'none');
            continue;
          }
          const neighbours = length === undefined ? undefined : neighboursOf(ordinal, length);
          table.keep(ordinal, neighbours);
          kept.set(ordinal, neighbours);
          expect(cache.bytes).toBeLessThanOrEqual(BYTES_MAX);
        }
        expect(cache.counts.hits + cache.counts.misses).toBe(steps.length);
      }),
    );
  });

  it('go when they were not asked for, before those that were', () => {
    const { table } = serving();
    table.keep(0, neighboursOf(0, 10));
    for (let ordinal = 1; ordinal < TRACKS; ordinal++) {
      expect(table.get(0)).toEqual(neighboursOf(0, 10));
      table.keep(ordinal, neighboursOf(ordinal, 10));
    }
    expect(table.get(0)).toEqual(neighboursOf(0, 10));
    expect(table.get(1)).toBeUndefined();
  });

  it('can all be replaced, also when all of them were asked for', () => {
    const { cache, table } = serving();
    for (let round = 0; round < 3; round++) {
      for (let ordinal = 0; ordinal < TRACKS; ordinal++) {
        table.keep(ordinal, neighboursOf(ordinal, 20));
        expect(table.get(ordinal)).toEqual(neighboursOf(ordinal, 20));
      }
    }
    expect(cache.counts.evictions).toBeGreaterThan(TRACKS * 2);
  });

  it('are copies: what they were decoded from may change and go', () => {
    const { table } = serving();
    const memory = new ArrayBuffer(8_000);
    const source = {
      ordinals: new Uint32Array(memory, 40, 3).fill(7),
      scores: new Float32Array(memory, 80, 3).fill(1),
    };
    table.keep(0, source);
    source.ordinals.fill(9);
    const kept = table.get(0);
    expect(kept).toEqual({ ordinals: Uint32Array.of(7, 7, 7), scores: Float32Array.of(1, 1, 1) });
    expect(typeof kept === 'object' ? kept.ordinals.buffer.byteLength : 0).toBe(24);
  });

  it('of a generation are forgotten when the next one serves, and kept for no other', () => {
    const { cache, table } = serving();
    table.keep(3, neighboursOf(3, 10));
    cache.serve('g2', TRACKS);
    expect(cache.of('g1')).toBeUndefined();
    expect(cache.of('g2')?.get(3)).toBeUndefined();
    // A request that has the old world pinned may still bring what it read.
    table.keep(4, neighboursOf(4, 10));
    expect(cache.of('g2')?.get(4)).toBeUndefined();
    cache.serve('g1', TRACKS);
    expect(cache.of('g1')?.get(3)).toBeUndefined();
  });

  it.each([0, TRACKS])('are not kept in %d bytes', (bytesMax) => {
    const cache = new NeighbourCache(bytesMax);
    cache.serve('g1', TRACKS);
    expect(cache.of('g1')).toBeUndefined();
    expect(cache.bytes).toBe(0);
  });

  it('that do not fit alone are not kept', () => {
    const { cache, table } = serving();
    table.keep(0, neighboursOf(0, 1_000));
    expect(table.get(0)).toBeUndefined();
    expect(cache.bytes).toBeLessThan(BYTES_MAX);
  });
});
