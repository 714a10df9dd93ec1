import fc from 'fast-check';
import { blend, startProbability, type BlendRules, type Organic, type Promotable } from './blend.js';

const RULES: BlendRules = { share: 0.5, spacing: 2, epsilon: 0.1, boostMax: 0.5 };

function organics(...utilities: number[]): Organic[] {
  return utilities.map((utility, ordinal) => ({ ordinal, utility }));
}

function promotion(ordinal: number, utility: number, boost: number, campaignId = 'c1'): Promotable {
  return { campaignId, trackId: `t${ordinal}`, ordinal, utility, boost };
}

describe('blend', () => {
  it('keeps the organic order when nothing is promoted', () => {
    expect(blend(organics(0.9, 0.8, 0.7), [], RULES, 3).map((p) => p.ordinal)).toEqual([0, 1, 2]);
  });

  it('places no promotion before the share allows one', () => {
    const placed = blend(organics(0.5, 0.5, 0.5, 0.5), [promotion(9, 0.5, 0.3)], RULES, 4);
    expect(placed.map((p) => p.ordinal)).toEqual([0, 9, 1, 2]);
  });

  it('keeps the spacing between two promotions', () => {
    const rules = { ...RULES, share: 1, spacing: 3 };
    const placed = blend(
      organics(0.5, 0.5, 0.5, 0.5, 0.5, 0.5),
      [promotion(8, 0.5, 0.3), promotion(9, 0.5, 0.3)],
      rules,
      6,
    );
    expect(placed.map((p) => p.promotion !== undefined)).toEqual([true, false, false, true, false, false]);
  });

  it('refuses a promotion that is worse than the organic track of its position by more than epsilon (R1)', () => {
    const placed = blend(organics(0.9, 0.9, 0.2), [promotion(9, 0.5, 10)], RULES, 3);
    expect(placed[1]?.promotion).toBeUndefined();
  });

  it('places a track that is organic further down only once', () => {
    const placed = blend(organics(0.5, 0.5, 0.5, 0.5), [promotion(3, 0.5, 0.3)], RULES, 4);
    expect(placed.map((p) => p.ordinal)).toEqual([0, 3, 1, 2]);
  });

  it('never promotes a track that already stood higher', () => {
    const placed = blend(organics(0.5, 0.5, 0.5), [promotion(0, 0.5, 0.3)], RULES, 3);
    expect(placed.every((p) => p.promotion === undefined)).toBe(true);
  });

  it('breaks ties by campaign id, then track id', () => {
    const placed = blend(
      organics(0.5, 0.5, 0.5),
      [promotion(9, 0.5, 0.3, 'b'), promotion(8, 0.5, 0.3, 'a')],
      { ...RULES, spacing: 10 },
      3,
    );
    expect(placed[1]?.promotion?.campaignId).toBe('a');
  });

  it('holds share, spacing, R1 and R2 for any input and never reorders organic tracks', () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(unit, { maxLength: 30 }),
        fc.array(fc.record({ ordinal: fc.nat(40), utility: unit, boost: unit }), { maxLength: 15 }),
        fc.record({ share: unit, spacing: fc.integer({ min: 1, max: 6 }), epsilon: unit, boostMax: unit }),
        (utilities, promoted, rules) => {
          const organic = organics(...utilities);
          const promotable = promoted.map((p, i) => promotion(p.ordinal, p.utility, p.boost, `c${i}`));
          const placed = blend(organic, promotable, rules, 20);
          expect(placed).toHaveLength(Math.min(20, organic.length));
          expect(new Set(placed.map((p) => p.ordinal)).size).toBe(placed.length);
          const kept = placed.filter((p) => p.promotion === undefined).map((p) => p.ordinal);
          expect(kept).toEqual([...kept].sort((a, b) => a - b));
          let count = 0;
          let last = -Infinity;
          let loss = 0;
          let weight = 0;
          placed.forEach((p, k) => {
            const served = p.promotion?.utility ?? utilities[p.ordinal];
            loss += startProbability(k) * (utilities[k] - served);
            if (p.promotion === undefined) return;
            count++;
            weight += startProbability(k);
            expect(count).toBeLessThanOrEqual(Math.floor(rules.share * (k + 1)));
            expect(k - last).toBeGreaterThanOrEqual(rules.spacing);
            expect(p.promotion.utility).toBeGreaterThanOrEqual(utilities[k] - rules.epsilon);
            last = k;
          });
          if (count > 0) expect(loss).toBeLessThanOrEqual(rules.epsilon * weight + 1e-6);
        },
      ),
    );
  });
});
