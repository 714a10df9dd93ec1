/** Packs the columns of `listeners.<generation>`; `listener-row.ts` unpacks them. */
import { create, toBinary } from '@bufbuild/protobuf';
import { HeardSchema, HistorySchema, PoolSchema, SignalsSchema } from '../gen/segue/rows/v1/rows_pb.js';
import { addToBloomFilter, emptyBloomFilter } from '../store/bloom-filter.js';
import { packF32, packI64, packU32 } from '../store/packed.js';
import type { History, ScoredList, Signals } from './listener.js';

/** @param builtThroughMs latest play the row was built from, here and below */
export function packPool(builtThroughMs: number, lists: readonly ScoredList[]): Uint8Array {
  return toBinary(
    PoolSchema,
    create(PoolSchema, {
      builtThroughMs: BigInt(builtThroughMs),
      sources: lists.map(({ name, ordinals, scores }) => ({
        name,
        ordinals: packU32(ordinals),
        scores: packF32(scores),
      })),
    }),
  );
}

export function packSignals(builtThroughMs: number, signals: Signals): Uint8Array {
  const message = create(SignalsSchema, {
    builtThroughMs: BigInt(builtThroughMs),
    attributeMeans: packF32(signals.attributeMeans),
    attributeDeviations: packF32(signals.attributeDeviations),
    artistOrdinals: packU32(signals.artistOrdinals),
    artistWeights: packF32(signals.artistWeights),
    plays: signals.plays,
    market: signals.market,
  });
  if (!Number.isNaN(signals.completionRate)) message.completionRate = signals.completionRate;
  if (!Number.isNaN(signals.skipRate)) message.skipRate = signals.skipRate;
  return toBinary(SignalsSchema, message);
}

export function packHistory(builtThroughMs: number, history: History): Uint8Array {
  return toBinary(
    HistorySchema,
    create(HistorySchema, {
      builtThroughMs: BigInt(builtThroughMs),
      ordinals: packU32(history.ordinals),
      plays: packU32(history.plays),
      lastIndices: packU32(history.lastIndices),
      lastAtMs: packI64(history.lastAtMs),
      gapMeans: packF32(history.gapMeans),
      gapMedians: packF32(history.gapMedians),
      gapMinimums: packF32(history.gapMinimums),
      gapLasts: packF32(history.gapLasts),
      skips: packU32(history.skips),
      completions: packU32(history.completions),
      totalPlays: history.totalPlays,
      artistOrdinals: packU32(history.artistOrdinals),
      artistLastIndices: packU32(history.artistLastIndices),
      artistGapMeans: packF32(history.artistGapMeans),
    }),
  );
}

/** @param trackIds all distinct tracks ever heard */
export function packHeard(builtThroughMs: number, trackIds: readonly string[]): Uint8Array {
  const bloom = emptyBloomFilter(trackIds.length);
  for (const trackId of trackIds) addToBloomFilter(bloom, trackId);
  return toBinary(
    HeardSchema,
    create(HeardSchema, { ...bloom, builtThroughMs: BigInt(builtThroughMs), entries: trackIds.length }),
  );
}
