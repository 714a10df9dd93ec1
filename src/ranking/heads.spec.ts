import fc from 'fast-check';
import { headScores, interpolate } from './heads.js';
import { manifestSchema, type HeadName, type Manifest } from './manifest.js';
import type { HeadScores } from './ranker.js';
import { ScoreBlock } from './score-block.js';

function scored(of: Manifest, raw: Partial<Record<HeadName, Float32Array>>, rows: number): HeadScores {
  const block = new ScoreBlock(of.heads, rows, new Float32Array((of.heads.length + 2) * rows).fill(NaN));
  for (const head of of.heads) block.heads[head]?.set(raw[head] ?? []);
  return headScores(of, block);
}

function manifest(changes: object): Manifest {
  return manifestSchema.parse({
    format: 1,
    name: 'n',
    version: '1.0.0',
    sha256: '0'.repeat(64),
    featureNames: ['plays'],
    registryFingerprint: 'a',
    heads: ['relevance', 'p_skip'],
    combination: { relevance: 2, p_skip: -1 },
    calibration: { relevance: { kind: 'platt', a: 2, b: -1 }, p_skip: { kind: 'identity' } },
    utility: { bias: 0.25, weights: { relevance: 0.75, p_skip: -0.25 } },
    dataFingerprint: 'b',
    window: { from: 1, to: 2 },
    metrics: {},
    framework: 'f',
    createdAt: '2026-01-01T00:00:00Z',
    ...changes,
  });
}

describe('headScores', () => {
  it('combines raw scores and makes utility of calibrated ones', () => {
    const { combined, utility } = scored(
      manifest({}),
      { relevance: Float32Array.of(0.5, 3), p_skip: Float32Array.of(1, 0) },
      2,
    );
    expect([...combined]).toEqual([0, 6]);
    expect(utility[0]).toBeCloseTo(0.25 + 0.75 * 0.5 - 0.25);
    expect(utility[1]).toBeCloseTo(0.25 + 0.75 / (1 + Math.exp(-5)));
  });

  it('keeps utility in [0, 1] and the order of relevance, whatever the scores', () => {
    const bound = manifest({ utility: { bias: 0, weights: { relevance: 1 } }, combination: { relevance: 1 } });
    const score = fc.float({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(fc.array(score, { minLength: 2, maxLength: 20 }), (scores) => {
        const relevance = Float32Array.from(scores);
        const { utility } = scored(bound, { relevance, p_skip: new Float32Array(scores.length) }, scores.length);
        expect(utility.every((u) => u >= 0 && u <= 1)).toBe(true);
        for (let i = 1; i < scores.length; i++) {
          if (relevance[i] > relevance[i - 1]) expect(utility[i]).toBeGreaterThanOrEqual(utility[i - 1]);
        }
      }),
    );
  });

  it.each([NaN, Infinity, -Infinity])('refuses a score of %d', (score) => {
    const scores = { relevance: Float32Array.of(0, score), p_skip: Float32Array.of(0, 0) };
    expect(() => scored(manifest({}), scores, 2)).toThrow(/^relevance: score of row 1 is -?\w+; allowed: a finite/);
  });

  it('refuses a combination that is too large', () => {
    const scores = { relevance: Float32Array.of(3e38), p_skip: Float32Array.of(0) };
    expect(() => scored(manifest({}), scores, 1)).toThrow(/^combination: score of row 0 is Infinity/);
  });

  it('refuses a probability over 1', () => {
    const scores = { relevance: Float32Array.of(0), p_skip: Float32Array.of(1.5) };
    expect(() => scored(manifest({}), scores, 1)).toThrow('p_skip: given 1.5; allowed: a probability');
  });
});

describe('an isotonic calibration', () => {
  const points: [number, number][] = [
    [-1, 0.1],
    [0, 0.1],
    [2, 0.5],
    [3, 0.9],
  ];
  const calibrated = (score: number): number => interpolate(points, score);

  it('goes through its points, straight between them, and stays level outside', () => {
    for (const [score, probability] of points) expect(calibrated(score)).toBeCloseTo(probability, 12);
    expect(calibrated(1)).toBeCloseTo(0.3, 12);
    expect(calibrated(2.5)).toBeCloseTo(0.7, 12);
    expect(calibrated(-9)).toBe(0.1);
    expect(calibrated(9)).toBe(0.9);
  });
});
