import { manifestSchema } from './manifest.js';

const SOUND = {
  format: 1,
  name: 'next-track',
  version: '1.0.0',
  sha256: '0'.repeat(64),
  featureNames: ['tempo_distance', 'plays'],
  registryFingerprint: 'abc',
  heads: ['relevance', 'p_skip'],
  combination: { relevance: 1 },
  calibration: { relevance: { kind: 'platt', a: 1, b: 0 }, p_skip: { kind: 'identity' } },
  utility: { bias: 0.5, weights: { relevance: 0.5, p_skip: -0.5 } },
  dataFingerprint: 'def',
  window: { from: 1, to: 2 },
  metrics: { ndcg20: 0.1 },
  framework: 'jax 0.10.2',
  createdAt: '2026-01-01T00:00:00Z',
};

function problemOf(changes: object): string {
  const parsed = manifestSchema.safeParse({ ...SOUND, ...changes });
  return parsed.success ? 'none' : parsed.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`).join('; ');
}

describe('manifest.json', () => {
  it('may be sound', () => {
    expect(problemOf({})).toBe('none');
  });

  it.each([
    [{ version: '1.0' }, /^version: a semantic version/],
    [{ name: '../escape' }, /^name: lower-case letters/],
    [{ sha256: 'abc' }, /^sha256: 64 hexadecimal digits/],
    [{ featureNames: [] }, /^featureNames: /],
    [{ featureNames: ['plays', 'plays'] }, /^featureNames: each feature once/],
    [{ featureNames: Array.from({ length: 513 }, (_v, i) => `f${i}`) }, /^featureNames: /],
    [{ heads: ['p_skip'], combination: { p_skip: 1 } }, /heads: must contain relevance/],
    [{ heads: ['relevance', 'p_hide'] }, /^heads\.1: /],
    [{ combination: { p_save: 1 } }, /^combination\.p_save: one of the heads: relevance, p_skip/],
    [{ combination: { relevance: 0 } }, /^combination: at least one head with a weight other than 0/],
    [{ combination: { relevance: Infinity } }, /^combination\.relevance: /],
    [{ calibration: {} }, /^utility\.weights\.relevance: a head that has a calibration/],
    [
      { utility: { bias: 0.2, weights: { p_skip: -0.5 } } },
      /^utility: weights that keep utility in \[0, 1\]; these give -0.3 to 0.2/,
    ],
    [{ utility: { bias: 0.6, weights: { relevance: 0.5 } } }, /^utility: .* 0.6 to 1.1/],
    [
      {
        calibration: {
          ...SOUND.calibration,
          p_skip: {
            kind: 'isotonic',
            points: [
              [0, 0.5],
              [1, 0.4],
            ],
          },
        },
      },
      /^calibration\.p_skip\.points: scores must rise/,
    ],
    [{ calibration: { ...SOUND.calibration, p_skip: { kind: 'beta', a: 1 } } }, /^calibration\.p_skip\.kind: /],
    [{ createdAt: 'yesterday' }, /^createdAt: /],
    [{ model: '../../etc/passwd' }, /Unrecognized key: "model"/],
    [{ format: 2 }, /^format: /],
  ])('refuses %j', (changes, problem) => {
    expect(problemOf(changes)).toMatch(problem);
  });
});
