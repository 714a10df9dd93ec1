/** The pointer to the generation that serves: table `worlds`, row `current`. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { CurrentWorldSchema } from '../gen/segue/rows/v1/rows_pb.js';
import { SegueError } from '../errors.js';
import { CorruptRowError } from '../store/corrupt-row-error.js';
import { StoreError, type RowStore } from '../store/row-store.js';

export const WORLDS_TABLE = 'worlds';
const REF = { table: WORLDS_TABLE, key: 'current' } as const;
const COLUMN = 'pointer';
const ATTEMPTS_MAX = 20;

export interface Pointer {
  readonly generation: string;
  /** Served before, and kept; '' when there was none. */
  readonly previous: string;
}

interface Stored {
  readonly pointer: Pointer | undefined;
  readonly bytes: Uint8Array | undefined;
}

async function readStored(store: RowStore): Promise<Stored> {
  const [row] = await store.read([REF]);
  const bytes = row?.get(COLUMN);
  if (bytes === undefined) return { pointer: undefined, bytes };
  try {
    const { generation, previous } = fromBinary(CurrentWorldSchema, bytes);
    return { pointer: { generation, previous }, bytes };
  } catch (error) {
    throw new CorruptRowError('CurrentWorld', 'is no message of its type', { cause: error });
  }
}

/** Undefined before the first load. @throws StoreError, CorruptRowError */
export async function readPointer(store: RowStore): Promise<Pointer | undefined> {
  try {
    return (await readStored(store)).pointer;
  } catch (error) {
    if (error instanceof StoreError && error.reason === 'no-table') return undefined;
    throw error;
  }
}

/** Points to the generation; what was current becomes previous. Does nothing when it is current already. */
export async function movePointer(store: RowStore, generation: string, nowMs: number): Promise<Pointer> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const { pointer, bytes } = await readStored(store);
    if (pointer?.generation === generation) return pointer;
    const moved = { generation, previous: pointer?.generation ?? '' };
    const value = toBinary(CurrentWorldSchema, create(CurrentWorldSchema, { ...moved, movedAtMs: BigInt(nowMs) }));
    if (await store.compareAndSet(REF, COLUMN, bytes, value)) return moved;
  }
  throw new SegueError(
    'SEGUE_UNAVAILABLE',
    `the pointer to the current world changed ${ATTEMPTS_MAX} times while moving it`,
  );
}
