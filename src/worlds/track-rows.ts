/** Packs and unpacks `tracks.<generation>` and `contexts.<generation>`; see proto/segue/rows/v1/rows.proto. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { ContextTracksSchema, NeighboursSchema } from '../gen/segue/rows/v1/rows_pb.js';
import { CorruptRowError } from '../store/corrupt-row-error.js';
import { checkOrdinals, checkParallel, packF32, packU32, unpackF32, unpackU32 } from '../store/packed.js';
import type { Row } from '../store/row-store.js';

export const NEIGHBOURS_COLUMN = 'neighbours';
export const CONTEXT_COLUMN = 'tracks';

/** Parallel, by falling score. */
export interface Neighbours {
  readonly ordinals: Uint32Array;
  readonly scores: Float32Array;
}

export function packNeighbours(builtThroughMs: number, neighbours: Neighbours): Uint8Array {
  return toBinary(
    NeighboursSchema,
    create(NeighboursSchema, {
      builtThroughMs: BigInt(builtThroughMs),
      ordinals: packU32(neighbours.ordinals),
      scores: packF32(neighbours.scores),
    }),
  );
}

export function packContextTracks(builtThroughMs: number, ordinals: Uint32Array): Uint8Array {
  return toBinary(
    ContextTracksSchema,
    create(ContextTracksSchema, { builtThroughMs: BigInt(builtThroughMs), ordinals: packU32(ordinals) }),
  );
}

/**
 * @param row of `tracks.<generation>`; `undefined` where the store has none
 * @param count tracks of the row's generation
 * @returns undefined where there are no neighbours
 * @throws CorruptRowError
 */
export function decodeNeighbours(row: Row | undefined, count: number): Neighbours | undefined {
  const bytes = row?.get(NEIGHBOURS_COLUMN);
  if (bytes === undefined) return undefined;
  const message = corruptUnless('Neighbours', () => fromBinary(NeighboursSchema, bytes));
  const ordinals = unpackU32(message.ordinals, 'Neighbours.ordinals');
  const scores = unpackF32(message.scores, 'Neighbours.scores');
  checkParallel('Neighbours.scores', scores.length, ordinals.length);
  checkOrdinals('Neighbours.ordinals', ordinals, count);
  return { ordinals, scores };
}

/**
 * @param row of `contexts.<generation>`; `undefined` where the store has none
 * @param count tracks of the row's generation
 * @returns ordinals in the order of the context; undefined for an unknown context
 * @throws CorruptRowError
 */
export function decodeContextTracks(row: Row | undefined, count: number): Uint32Array | undefined {
  const bytes = row?.get(CONTEXT_COLUMN);
  if (bytes === undefined) return undefined;
  const message = corruptUnless('ContextTracks', () => fromBinary(ContextTracksSchema, bytes));
  const ordinals = unpackU32(message.ordinals, 'ContextTracks.ordinals');
  checkOrdinals('ContextTracks.ordinals', ordinals, count);
  return ordinals;
}

function corruptUnless<T>(name: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new CorruptRowError(name, 'is no message of its type', { cause: error });
  }
}
