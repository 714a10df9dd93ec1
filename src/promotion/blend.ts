/**
 * Inserts promotions into an organic order under guardrails, and never reorders it.
 *
 * Positions count from 1 as k. With w_k the probability that position k starts and u the calibrated utility, a promotion p at k
 * changes the slate's value by z = change of sum_j w_j u(S_j) + w_k * boost; the largest positive z that satisfies the rules is placed.
 * R1  u(p) >= u(o_k) - epsilon, with o_k of the organic slate.
 * R2  sum_j w_j (u(o_j) - u(S_j)) <= epsilon * sum of w_j over promoted j, after the insertion.
 * R3  at most floor(share * k) promoted in every prefix of k; `spacing` between two promoted.
 */

export interface Organic {
  readonly ordinal: number;
  readonly utility: number;
}

export interface Promotable {
  readonly campaignId: string;
  readonly trackId: string;
  readonly ordinal: number;
  readonly utility: number;
  /** Utility added; at least 0. */
  readonly boost: number;
}

export interface BlendRules {
  readonly share: number;
  readonly spacing: number;
  readonly epsilon: number;
  readonly boostMax: number;
}

export interface Placement {
  readonly ordinal: number;
  readonly promotion: Promotable | undefined;
  /** The change of value that placed it; 0 for organic tracks. */
  readonly gain: number;
}

/** Probability that position k (from 0) starts: falls by a twentieth each position. */
export function startProbability(position: number): number {
  return 0.95 ** position;
}

/** @param length positions to fill; fewer when the tracks run out */
export function blend(
  organic: readonly Organic[],
  promotable: readonly Promotable[],
  rules: BlendRules,
  length: number,
): Placement[] {
  const slate = new Slate(organic, rules, length);
  let open = promotable.filter((p) => Number.isFinite(p.utility) && Number.isFinite(p.boost) && p.boost >= 0);
  for (let k = 0; k < slate.length; k++) {
    let best: Promotable | undefined;
    let bestGain = 0;
    if (slate.mayPromoteAt(k)) {
      for (const candidate of open) {
        const gain = slate.gainOf(candidate, k);
        if (gain === undefined || gain <= 0) continue;
        if (best === undefined || gain > bestGain || (gain === bestGain && precedes(candidate, best))) {
          best = candidate;
          bestGain = gain;
        }
      }
    }
    if (best === undefined) continue;
    const placed = best;
    slate.insert(placed, k, bestGain);
    open = open.filter((p) => p.ordinal !== placed.ordinal);
  }
  return slate.placements();
}

function precedes(a: Promotable, b: Promotable): boolean {
  return a.campaignId === b.campaignId ? a.trackId < b.trackId : a.campaignId < b.campaignId;
}

/** The tentative slate: what is placed, then the remaining organic tracks in their order. */
class Slate {
  readonly length: number;
  private readonly tentative: Placement[];
  private readonly utilityOf: Map<number, number>;
  private readonly organicUtility: readonly number[];
  private readonly weights: readonly number[];
  private promotedCount = 0;
  private lastPromoted = -Infinity;
  private promotedWeight = 0;

  constructor(
    organic: readonly Organic[],
    private readonly rules: BlendRules,
    length: number,
  ) {
    this.tentative = organic.map(({ ordinal }) => ({ ordinal, promotion: undefined, gain: 0 }));
    this.utilityOf = new Map(organic.map(({ ordinal, utility }) => [ordinal, utility]));
    this.organicUtility = organic.map(({ utility }) => utility);
    this.length = Math.min(length, organic.length);
    this.weights = Array.from({ length: this.length }, (_, k) => startProbability(k));
  }

  mayPromoteAt(k: number): boolean {
    const withinShare = this.promotedCount + 1 <= Math.floor(this.rules.share * (k + 1));
    return withinShare && k - this.lastPromoted >= this.rules.spacing;
  }

  /** z, or undefined when a rule forbids the placement. */
  gainOf(candidate: Promotable, k: number): number | undefined {
    const from = this.tentative.findIndex((placement) => placement.ordinal === candidate.ordinal);
    if (from >= 0 && from <= k) return undefined;
    if (candidate.utility < (this.organicUtility[k] ?? 0) - this.rules.epsilon) return undefined;
    const change = this.changeOf(candidate, k, from < 0 ? this.length : from);
    const weight = this.weights[k] ?? 0;
    const cost = this.costSoFar() - change;
    if (cost > this.rules.epsilon * (this.promotedWeight + weight) + 1e-9) return undefined;
    return change + weight * Math.min(candidate.boost, this.rules.boostMax);
  }

  insert(promotion: Promotable, k: number, gain: number): void {
    const from = this.tentative.findIndex((placement) => placement.ordinal === promotion.ordinal);
    if (from >= 0) this.tentative.splice(from, 1);
    this.tentative.splice(k, 0, { ordinal: promotion.ordinal, promotion, gain });
    this.utilityOf.set(promotion.ordinal, promotion.utility);
    this.promotedCount++;
    this.lastPromoted = k;
    this.promotedWeight += this.weights[k] ?? 0;
  }

  placements(): Placement[] {
    return this.tentative.slice(0, this.length);
  }

  private utilityAt(k: number): number {
    const placement = this.tentative.at(k);
    return placement === undefined ? 0 : (this.utilityOf.get(placement.ordinal) ?? 0);
  }

  /** Change of sum_j w_j u(S_j) when the candidate goes to k and the tracks from k to `until` move down by one. */
  private changeOf(candidate: Promotable, k: number, until: number): number {
    let change = (this.weights[k] ?? 0) * (candidate.utility - this.utilityAt(k));
    for (let j = k + 1; j <= until && j < this.length; j++) {
      change += (this.weights[j] ?? 0) * (this.utilityAt(j - 1) - this.utilityAt(j));
    }
    return change;
  }

  private costSoFar(): number {
    let cost = 0;
    for (let j = 0; j < this.length; j++) {
      cost += (this.weights[j] ?? 0) * ((this.organicUtility[j] ?? 0) - this.utilityAt(j));
    }
    return cost;
  }
}
