import fc from 'fast-check';
import { smallWorld } from '../../../test/fixtures/small-world.js';
import { ATTRIBUTE } from '../../worlds/attributes.js';
import { RECORD_FLOATS } from '../../worlds/world.js';
import { SOURCE_BIT } from '../../features/candidates.js';
import type { RankedList } from '../state.js';
import { SURFACE } from '../surfaces.js';
import { sequence, type SequenceInput } from './sequence.js';

const WEIGHTS = { tempo: 1, key: 0.1, energy: 1 };

function ranked(count: number, sources: (i: number) => number = () => SOURCE_BIT.pool): RankedList {
  return {
    ordinals: Uint32Array.from({ length: count }, (_, i) => i),
    scores: Float32Array.from({ length: count }, (_, i) => 1 - i / 100),
    utilities: Float32Array.from({ length: count }, (_, i) => 1 - i / 100),
    sources: Uint8Array.from({ length: count }, (_, i) => sources(i)),
    ranker: 'first-phase',
  };
}

function input(changes: Partial<SequenceInput> & Pick<SequenceInput, 'ranked' | 'catalogue'>): SequenceInput {
  return {
    policy: SURFACE['now-playing'].sequence,
    weights: WEIGHTS,
    playing: undefined,
    limit: 10,
    seed: 7,
    contextLength: 0,
    explain: false,
    ...changes,
  };
}

describe('sequence', () => {
  it('keeps the ranked order where no attribute is known', () => {
    const { catalogue } = smallWorld(Array.from({ length: 20 }, () => ({})));
    expect(Array.from(sequence(input({ ranked: ranked(20), catalogue })).order)).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ]);
  });

  it('puts a track of the same tempo before a slightly better one of another', () => {
    const { catalogue } = smallWorld([{ tempoBpm: 170 }, { tempoBpm: 120 }, { tempoBpm: 120 }]);
    const slate = sequence(
      input({ ranked: ranked(3), catalogue, playing: 2, limit: 2, weights: { ...WEIGHTS, tempo: 5 } }),
    );
    expect(slate.order[0]).toBe(1);
  });

  it('keeps tracks of one artist apart, and caps them', () => {
    const { catalogue } = smallWorld(Array.from({ length: 40 }, (_, i) => (i < 10 ? { artist: 1 } : {})));
    const order = Array.from(sequence(input({ ranked: ranked(40), catalogue, limit: 20 })).order);
    const positions = order.flatMap((index, k) => (index < 10 ? [k] : []));
    expect(positions).toHaveLength(3);
    expect(Math.min(...positions.slice(1).map((p, i) => p - positions[i]))).toBeGreaterThan(3);
  });

  it('fills the slate though only one artist is left', () => {
    const { catalogue } = smallWorld(Array.from({ length: 12 }, () => ({ artist: 1 })));
    expect(sequence(input({ ranked: ranked(12), catalogue })).order).toHaveLength(10);
  });

  it('spaces no tracks whose artist is not known', () => {
    const { catalogue } = smallWorld(Array.from({ length: 12 }, (_, i) => ({ tempoBpm: i % 2 ? 142 : 100 })));
    for (let i = 0; i < 12; i++) catalogue.floats[i * RECORD_FLOATS + ATTRIBUTE.artist] = NaN;
    const weights = { tempo: 100, key: 0, energy: 0 };
    const { order } = sequence(input({ ranked: ranked(12), catalogue, weights }));
    expect([...order]).toEqual([0, 2, 4, 6, 8, 10, 1, 3, 5, 7]);
  });

  it('leaves out what only a campaign named', () => {
    const { catalogue } = smallWorld(Array.from({ length: 4 }, () => ({})));
    const list = ranked(4, (i) => (i === 0 ? SOURCE_BIT.promoted : SOURCE_BIT.pool));
    expect(Array.from(sequence(input({ ranked: list, catalogue })).order)).toEqual([1, 2, 3]);
  });

  it('gives a playlist one suggestion to three of its own tracks', () => {
    const { catalogue } = smallWorld(Array.from({ length: 60 }, () => ({})));
    const list = ranked(60, (i) => (i < 30 ? SOURCE_BIT.pool : SOURCE_BIT.context));
    const policy = SURFACE['smart-shuffle'].sequence;
    const { order } = sequence(input({ ranked: list, catalogue, policy, limit: 12, contextLength: 30 }));
    expect(Array.from(order, (index) => index < 30)).toEqual(Array.from({ length: 12 }, (_, k) => (k + 1) % 4 === 0));
  });

  it('suggests nothing in a short playlist while it has tracks', () => {
    const { catalogue } = smallWorld(Array.from({ length: 60 }, () => ({})));
    const list = ranked(60, (i) => (i < 50 ? SOURCE_BIT.pool : SOURCE_BIT.context));
    const policy = SURFACE['smart-shuffle'].sequence;
    const { order } = sequence(input({ ranked: list, catalogue, policy, limit: 10, contextLength: 10 }));
    expect(Array.from(order).every((index) => index >= 50)).toBe(true);
  });

  it('shuffles a playlist by the seed alone', () => {
    const { catalogue } = smallWorld(Array.from({ length: 40 }, () => ({})));
    const list = ranked(40, () => SOURCE_BIT.context);
    const policy = SURFACE['smart-shuffle'].sequence;
    const orderOf = (seed: number) =>
      Array.from(sequence(input({ ranked: list, catalogue, policy, contextLength: 40, seed })).order);
    expect(orderOf(1)).toEqual(orderOf(1));
    expect(orderOf(1)).not.toEqual(orderOf(2));
  });

  it('names the cost of each step when asked to', () => {
    const { catalogue } = smallWorld([{ tempoBpm: 100 }, { tempoBpm: 150 }]);
    const { costs } = sequence(input({ ranked: ranked(2), catalogue, playing: 1, limit: 1, explain: true }));
    expect(costs[0]).toEqual({ tempo: expect.closeTo(0.415, 2) as number, key: 0, energy: 0 });
  });

  it('returns distinct indices and as many as there are, for any input', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 1, max: 60 }), fc.nat(), (count, limit, seed) => {
        const { catalogue } = smallWorld(
          Array.from({ length: Math.max(1, count) }, (_, i) => ({ artist: i % 4, tempoBpm: 90 + i })),
        );
        const { order } = sequence(input({ ranked: ranked(count), catalogue, limit, seed }));
        expect(new Set(order).size).toBe(Math.min(count, limit));
      }),
    );
  });
});
