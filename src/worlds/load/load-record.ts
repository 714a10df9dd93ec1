/** Records of loads: table `worlds`, row `load#<generation>`. Every change is a compare-and-set. */
import { clone, create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { LoadRecordSchema, LoadState, OwnerSchema, type LoadRecord } from '../../gen/segue/rows/v1/rows_pb.js';
import { CorruptRowError } from '../../store/corrupt-row-error.js';
import type { RowStore } from '../../store/row-store.js';
import { WORLDS_TABLE } from '../pointer.js';
import type { OwnerId } from './owner.js';

const PREFIX = 'load#';
const COLUMN = 'record';

export { LoadState, type LoadRecord };

export type LoadChange = Partial<Omit<LoadRecord, '$typeName' | '$unknown' | 'generation' | 'owner'>> & {
  readonly owner?: OwnerId;
};

export interface StoredLoad {
  readonly record: LoadRecord;
  /** As stored: what the next compare-and-set expects. */
  readonly bytes: Uint8Array;
}

function stored(bytes: Uint8Array): StoredLoad {
  try {
    return { record: fromBinary(LoadRecordSchema, bytes), bytes };
  } catch (error) {
    throw new CorruptRowError('LoadRecord', 'is no message of its type', { cause: error });
  }
}

function refOf(generation: string): { table: string; key: string } {
  return { table: WORLDS_TABLE, key: `${PREFIX}${generation}` };
}

export async function readLoad(store: RowStore, generation: string): Promise<StoredLoad | undefined> {
  const [row] = await store.read([refOf(generation)]);
  const bytes = row?.get(COLUMN);
  return bytes === undefined ? undefined : stored(bytes);
}

/** All loads, by name of the generation. */
export async function readLoads(store: RowStore): Promise<StoredLoad[]> {
  const loads: StoredLoad[] = [];
  for await (const { row } of store.scan(WORLDS_TABLE, PREFIX)) {
    const bytes = row.get(COLUMN);
    if (bytes !== undefined) loads.push(stored(bytes));
  }
  return loads;
}

/**
 * @param before what the change is made from; undefined to create the record
 * @returns what is stored now; undefined when another process changed it first
 */
export async function changeLoad(
  store: RowStore,
  generation: string,
  before: StoredLoad | undefined,
  { owner, ...fields }: LoadChange,
): Promise<StoredLoad | undefined> {
  const record =
    before === undefined ? create(LoadRecordSchema, { generation }) : clone(LoadRecordSchema, before.record);
  Object.assign(record, fields);
  if (owner !== undefined) record.owner = create(OwnerSchema, owner);
  const bytes = toBinary(LoadRecordSchema, record);
  const done = await store.compareAndSet(refOf(generation), COLUMN, before?.bytes, bytes);
  return done ? { record, bytes } : undefined;
}
