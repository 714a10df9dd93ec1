/** blend: inserts promotions into the organic order, decided afresh on each request. */
import { blend as blendSlate, type Promotable } from '../../promotion/blend.js';
import type { PromotionView } from '../../promotion/snapshot.js';
import type { World } from '../../worlds/world.js';
import type { PlacedItem, RankedList, SequencedSlate } from '../state.js';
import type { BlendPolicy } from '../surfaces.js';

export interface BlendInput {
  readonly ranked: RankedList;
  readonly sequenced: SequencedSlate;
  readonly promotions: PromotionView;
  readonly policy: BlendPolicy;
  readonly world: World;
  readonly limit: number;
}

export function blend({ ranked, sequenced, promotions, policy, world, limit }: BlendInput): PlacedItem[] {
  if (promotions.promoted.length === 0) {
    return Array.from(sequenced.order.subarray(0, limit), (index) => ({ index, boost: 0 }));
  }
  const indexOf = new Map<number, number>();
  ranked.ordinals.forEach((ordinal, index) => indexOf.set(ordinal, index));
  const promotable: Promotable[] = [];
  for (const { campaignId, trackId, boost } of promotions.promoted) {
    const ordinal = world.catalogue.ordinalOf(trackId);
    const index = indexOf.get(ordinal);
    if (index === undefined) continue;
    promotable.push({ campaignId, trackId, ordinal, utility: ranked.utilities[index] ?? NaN, boost });
  }
  const organic = Array.from(sequenced.order, (index) => ({
    ordinal: ranked.ordinals[index] ?? 0,
    utility: ranked.utilities[index] ?? 0,
  }));
  return blendSlate(organic, promotable, policy, limit).map(({ ordinal, promotion, gain }) => ({
    index: indexOf.get(ordinal) ?? 0,
    boost: gain,
    ...(promotion === undefined ? {} : { campaignId: promotion.campaignId }),
  }));
}
