/** Segue's columns as Bigtable's cells. */
import type protos from '@google-cloud/bigtable-api/build/protos/protos.js';
import type { RowMutation } from '../row-store.js';

type Mutation = protos.google.bigtable.v2.IMutation;
type Filter = protos.google.bigtable.v2.IRowFilter;

/** The only column family. */
export const FAMILY = 'c';

/**
 * Every cell carries the same time, so that a write replaces the cell, clocks of servers do not matter, and a repeated
 * write changes nothing.
 */
const TIMESTAMP_MICROS = 0;

export function setCell(column: string, value: Uint8Array): Mutation {
  return {
    setCell: {
      familyName: FAMILY,
      columnQualifier: Buffer.from(column),
      timestampMicros: TIMESTAMP_MICROS,
      value,
    },
  };
}

/** Removes first: of a column that is both removed and set, the value stays. */
export function mutationsOf({ set = [], remove = [] }: RowMutation): Mutation[] {
  return [
    ...remove.map((column) => ({ deleteFromColumn: { familyName: FAMILY, columnQualifier: Buffer.from(column) } })),
    ...set.map(([column, value]) => setCell(column, value)),
  ];
}

/** Passes the column's cell, if it holds `value` or none is given. By ranges, as patterns are not made for bytes. */
export function cellFilter(column: string, value: Uint8Array | undefined): Filter {
  const qualifier = Buffer.from(column);
  const ofColumn: Filter = {
    columnRangeFilter: { familyName: FAMILY, startQualifierClosed: qualifier, endQualifierClosed: qualifier },
  };
  if (value === undefined) return ofColumn;
  return {
    chain: { filters: [ofColumn, { valueRangeFilter: { startValueClosed: value, endValueClosed: value } }] },
  };
}
