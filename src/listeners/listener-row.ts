/** Packs and unpacks the columns of `listeners.<generation>`; see proto/segue/rows/v1/rows.proto. */
import { fromBinary, type DescMessage, type MessageShape } from '@bufbuild/protobuf';
import { HeardSchema, HistorySchema, PoolSchema, SignalsSchema } from '../gen/segue/rows/v1/rows_pb.js';
import { ATTRIBUTE_COUNT } from '../worlds/attributes.js';
import { checkBloomFilter, mayContain } from '../store/bloom-filter.js';
import { CorruptRowError } from '../store/corrupt-row-error.js';
import { checkOrdinals, checkParallel, unpackF32, unpackI64, unpackU32 } from '../store/packed.js';
import type { Row } from '../store/row-store.js';
import type { Heard, History, ListenerRow, ScoredList, Signals } from './listener.js';

export const LISTENER_COLUMNS = ['pool', 'signals', 'history', 'heard'] as const;
export type ListenerColumn = (typeof LISTENER_COLUMNS)[number];

/** What ordinals of the row's generation must stay below; a `Catalogue` is one. */
export interface OrdinalBounds {
  readonly count: number;
  readonly artistCount: number;
}

/** A decoded column, and the latest play it was built from. */
interface Built<T> {
  readonly builtThroughMs: number;
  readonly value: T;
}

function parsed<D extends DescMessage>(schema: D, bytes: Uint8Array): MessageShape<D> {
  try {
    return fromBinary(schema, bytes);
  } catch (error) {
    throw new CorruptRowError(schema.name, 'is no message of its type', { cause: error });
  }
}

/** @throws CorruptRowError */
export function decodePool(bytes: Uint8Array, bounds: OrdinalBounds): Built<readonly ScoredList[]> {
  const pool = parsed(PoolSchema, bytes);
  const value = pool.sources.map((source) => {
    const ordinals = unpackU32(source.ordinals, 'Pool.ordinals');
    const scores = unpackF32(source.scores, 'Pool.scores');
    checkParallel('Pool.scores', scores.length, ordinals.length);
    checkOrdinals('Pool.ordinals', ordinals, bounds.count);
    return { name: source.name, ordinals, scores };
  });
  return { builtThroughMs: Number(pool.builtThroughMs), value };
}

/** @throws CorruptRowError */
export function decodeSignals(bytes: Uint8Array, bounds: OrdinalBounds): Built<Signals> {
  const signals = parsed(SignalsSchema, bytes);
  const attributeMeans = unpackF32(signals.attributeMeans, 'Signals.attribute_means');
  const attributeDeviations = unpackF32(signals.attributeDeviations, 'Signals.attribute_deviations');
  const artistOrdinals = unpackU32(signals.artistOrdinals, 'Signals.artist_ordinals');
  const artistWeights = unpackF32(signals.artistWeights, 'Signals.artist_weights');
  checkParallel('Signals.attribute_means', attributeMeans.length, ATTRIBUTE_COUNT);
  checkParallel('Signals.attribute_deviations', attributeDeviations.length, ATTRIBUTE_COUNT);
  checkParallel('Signals.artist_weights', artistWeights.length, artistOrdinals.length);
  checkOrdinals('Signals.artist_ordinals', artistOrdinals, bounds.artistCount);
  return {
    builtThroughMs: Number(signals.builtThroughMs),
    value: {
      attributeMeans,
      attributeDeviations,
      artistOrdinals,
      artistWeights,
      plays: signals.plays,
      completionRate: signals.completionRate ?? NaN,
      skipRate: signals.skipRate ?? NaN,
      market: signals.market,
    },
  };
}

/** @throws CorruptRowError */
export function decodeHistory(bytes: Uint8Array, bounds: OrdinalBounds): Built<History> {
  const history = parsed(HistorySchema, bytes);
  const ordinals = unpackU32(history.ordinals, 'History.ordinals');
  const artistOrdinals = unpackU32(history.artistOrdinals, 'History.artist_ordinals');
  const value = {
    ordinals,
    plays: unpackU32(history.plays, 'History.plays'),
    lastIndices: unpackU32(history.lastIndices, 'History.last_indices'),
    lastAtMs: unpackI64(history.lastAtMs, 'History.last_at_ms'),
    gapMeans: unpackF32(history.gapMeans, 'History.gap_means'),
    gapMedians: unpackF32(history.gapMedians, 'History.gap_medians'),
    gapMinimums: unpackF32(history.gapMinimums, 'History.gap_minimums'),
    gapLasts: unpackF32(history.gapLasts, 'History.gap_lasts'),
    skips: unpackU32(history.skips, 'History.skips'),
    completions: unpackU32(history.completions, 'History.completions'),
    totalPlays: history.totalPlays,
    artistOrdinals,
    artistLastIndices: unpackU32(history.artistLastIndices, 'History.artist_last_indices'),
    artistGapMeans: unpackF32(history.artistGapMeans, 'History.artist_gap_means'),
  };
  checkParallel('History.plays', value.plays.length, ordinals.length);
  checkParallel('History.last_indices', value.lastIndices.length, ordinals.length);
  checkParallel('History.last_at_ms', value.lastAtMs.length, ordinals.length);
  checkParallel('History.gap_means', value.gapMeans.length, ordinals.length);
  checkParallel('History.gap_medians', value.gapMedians.length, ordinals.length);
  checkParallel('History.gap_minimums', value.gapMinimums.length, ordinals.length);
  checkParallel('History.gap_lasts', value.gapLasts.length, ordinals.length);
  checkParallel('History.skips', value.skips.length, ordinals.length);
  checkParallel('History.completions', value.completions.length, ordinals.length);
  checkParallel('History.artist_last_indices', value.artistLastIndices.length, artistOrdinals.length);
  checkParallel('History.artist_gap_means', value.artistGapMeans.length, artistOrdinals.length);
  checkOrdinals('History.ordinals', ordinals, bounds.count);
  checkOrdinals('History.artist_ordinals', artistOrdinals, bounds.artistCount);
  return { builtThroughMs: Number(history.builtThroughMs), value };
}

/** @throws CorruptRowError */
export function decodeHeard(bytes: Uint8Array): Built<Heard> {
  const heard = parsed(HeardSchema, bytes);
  checkBloomFilter(heard);
  return { builtThroughMs: Number(heard.builtThroughMs), value: { has: (trackId) => mayContain(heard, trackId) } };
}

/**
 * Decodes what the row has. A corrupt column counts as absent, and the others still serve.
 *
 * @param bounds the catalogue of the row's generation
 * @param onCorrupt told of each corrupt column
 */
export function decodeListenerRow(
  row: Row,
  bounds: OrdinalBounds,
  onCorrupt?: (column: ListenerColumn, error: CorruptRowError) => void,
): ListenerRow {
  let builtThroughMs = 0;
  function column<T>(
    name: ListenerColumn,
    decode: (bytes: Uint8Array, bounds: OrdinalBounds) => Built<T>,
  ): T | undefined {
    const bytes = row.get(name);
    if (bytes === undefined) return undefined;
    try {
      const built = decode(bytes, bounds);
      builtThroughMs = Math.max(builtThroughMs, built.builtThroughMs);
      return built.value;
    } catch (error) {
      if (!(error instanceof CorruptRowError)) throw error;
      onCorrupt?.(name, error);
      return undefined;
    }
  }
  const pool = column('pool', decodePool) ?? [];
  const signals = column('signals', decodeSignals);
  const history = column('history', decodeHistory);
  const heard = column('heard', decodeHeard);
  return { builtThroughMs, pool, signals, history, heard };
}
