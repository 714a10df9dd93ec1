/** What both stores refuse, checked before any I/O. */
import { abortedBy } from './call-deadline.js';
import type { CallOptions, RowRef } from './row-store.js';
import { StoreError } from './row-store.js';

export const KEY_BYTES_MAX = 1024;
export const COLUMN_BYTES_MAX = 256;
export const VALUE_BYTES_MAX = 10 * 1024 * 1024;
export const ROW_BYTES_MAX = 32 * 1024 * 1024;
/** Bigtable's limit on a table id. */
export const TABLE_NAME_BYTES_MAX = 50;
export const REFS_PER_READ_MAX = 10_000;

const TABLE_NAME = /^[a-z][a-z0-9-]*(?:\.[A-Za-z0-9_-]+)?$/;

export interface TableName {
  readonly name: string;
  /** Absent for live tables. */
  readonly generation: string | undefined;
}

/** @throws StoreError `error` when the name is not `name` or `name.generation` */
export function parseTableName(table: string): TableName {
  if (table.length > TABLE_NAME_BYTES_MAX || !TABLE_NAME.test(table)) {
    throw new StoreError(
      'error',
      `table name ${JSON.stringify(table)} must be "name" or "name.generation" of letters, digits, "-" and "_", at most ${TABLE_NAME_BYTES_MAX} bytes`,
    );
  }
  const dot = table.indexOf('.');
  return dot < 0
    ? { name: table, generation: undefined }
    : { name: table.slice(0, dot), generation: table.slice(dot + 1) };
}

/** @throws StoreError `too-large`, or `error` when the key is empty or not Unicode */
export function checkKey(key: string): void {
  if (key.length === 0) throw new StoreError('error', 'a row key must not be empty');
  if (!key.isWellFormed()) throw new StoreError('error', `row key ${JSON.stringify(key)} is not well-formed Unicode`);
  const bytes = Buffer.byteLength(key);
  if (bytes > KEY_BYTES_MAX) {
    throw new StoreError('too-large', `row key "${key.slice(0, 40)}…" has ${bytes} bytes, at most ${KEY_BYTES_MAX}`);
  }
}

/** @throws StoreError `too-large`, or `error` when the name is empty */
export function checkColumn(column: string): void {
  if (column.length === 0) throw new StoreError('error', 'a column name must not be empty');
  const bytes = Buffer.byteLength(column);
  if (bytes > COLUMN_BYTES_MAX) {
    throw new StoreError(
      'too-large',
      `column name "${column.slice(0, 40)}…" has ${bytes} bytes, at most ${COLUMN_BYTES_MAX}`,
    );
  }
}

/** @throws StoreError as `checkColumn`, and `too-large` for the value */
export function checkCell(column: string, value: Uint8Array): void {
  checkColumn(column);
  if (value.length > VALUE_BYTES_MAX) {
    throw new StoreError('too-large', `value of "${column}" has ${value.length} bytes, at most ${VALUE_BYTES_MAX}`);
  }
}

/** @throws StoreError `too-large` */
export function checkRowBytes(key: string, bytes: number): void {
  if (bytes > ROW_BYTES_MAX) {
    throw new StoreError('too-large', `row "${key.slice(0, 40)}" has ${bytes} bytes, at most ${ROW_BYTES_MAX}`);
  }
}

/** @throws StoreError for the first bad table name or key, and `too-large` for too many */
export function checkRefs(refs: readonly RowRef[]): void {
  if (refs.length > REFS_PER_READ_MAX) {
    throw new StoreError('too-large', `${refs.length} rows in one read, at most ${REFS_PER_READ_MAX}`);
  }
  let table = '';
  for (const ref of refs) {
    checkKey(ref.key);
    if (ref.table === table) continue;
    ({ table } = ref);
    parseTableName(table);
  }
}

/** @throws StoreError `aborted` or `timeout` when the call is over before it began */
export function checkBegin(options: CallOptions | undefined): void {
  if (options?.signal?.aborted === true) throw abortedBy(options.signal);
  if (options?.timeoutMs !== undefined && options.timeoutMs <= 0) {
    throw new StoreError('timeout', `no time left for the call (${options.timeoutMs} ms)`);
  }
}
