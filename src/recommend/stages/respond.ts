/** respond: the answer's items, in positions, with what explains them where asked. */
import { SOURCE_COUNT, SOURCES, type Candidates, type Source } from '../../features/candidates.js';
import type { World } from '../../worlds/world.js';
import { roundedScore } from '../rounded.js';
import type { PlacedItem, RankedList, RankingDetails, SequencedSlate } from '../state.js';
import type { Item, ItemExplanation } from '../types.js';

export interface RespondInput {
  readonly world: World;
  readonly ranked: RankedList;
  readonly sequenced: SequencedSlate;
  readonly placed: readonly PlacedItem[];
  /** Only where the request asks for an explanation. */
  readonly details: RankingDetails | undefined;
  readonly candidates: Candidates | undefined;
}

export function itemsOf({ world, ranked, sequenced, placed, details, candidates }: RespondInput): Item[] {
  return placed.map(({ index, campaignId, boost }, position) => ({
    trackId: world.catalogue.idOf(ranked.ordinals[index] ?? 0),
    position,
    score: roundedScore(ranked.scores[index] ?? 0),
    sources: sourcesOf(ranked.sources[index] ?? 0),
    ...(campaignId === undefined ? {} : { promotion: { campaignId } }),
    ...(details === undefined || candidates === undefined
      ? {}
      : { explanation: explain(index, boost, sequenced, details, candidates) }),
  }));
}

const SOURCE_LISTS: readonly (readonly Source[])[] = Array.from({ length: 1 << SOURCE_COUNT }, (_, bits) =>
  SOURCES.filter((_source, index) => (bits & (1 << index)) !== 0),
);

function sourcesOf(bits: number): readonly Source[] {
  return SOURCE_LISTS[bits] ?? [];
}

function explain(
  index: number,
  boost: number,
  sequenced: SequencedSlate,
  details: RankingDetails,
  candidates: Candidates,
): ItemExplanation {
  const row = details.rowOf[index] ?? 0;
  const slot = details.slotOf[index] ?? 0;
  const features: Record<string, number> = {};
  const width = details.featureNames.length;
  details.featureNames.forEach((name, column) => {
    const value = details.matrix[row * width + column] ?? NaN;
    if (Number.isFinite(value)) features[name] = value;
  });
  const heads: Record<string, number> = {};
  for (const [name, scores] of Object.entries(details.heads?.heads ?? {})) {
    // What only follows the ranked ones has none.
    if (row < scores.length) heads[name] = scores[row];
  }
  return {
    sources: SOURCES.flatMap((source, i) => {
      const at = slot * SOURCE_COUNT + i;
      const isNamed = (candidates.sources[slot] & (1 << i)) !== 0;
      return isNamed ? [{ source, score: candidates.scores[at], rank: candidates.ranks[at] }] : [];
    }),
    features,
    heads,
    sequenceCosts: sequenced.costs[sequenced.order.indexOf(index)] ?? {},
    firstPhaseScore: details.firstPhase[row] ?? 0,
    boost,
  };
}
