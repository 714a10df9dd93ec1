/** What the parts of the row store's contract share. */
import type { Row, RowStore, RowWrite } from '../../../src/store/row-store.js';

/** What a part works with; `store` is fresh for each test. */
export interface Bench {
  readonly store: RowStore;
  /** Another client of the same data. */
  readonly open: () => RowStore | Promise<RowStore>;
}

export const a = { table: 'sessions', key: 'a' };

export const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

export const text = (value: Uint8Array | undefined): string | undefined =>
  value === undefined ? undefined : Buffer.from(value).toString();

export const plain = (row: Row | undefined): Record<string, string> | undefined =>
  row && Object.fromEntries([...row].map(([column, value]) => [column, Buffer.from(value).toString()]));

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** `count` rows `row-0…` with keys of so many digits. */
export function* numbered(count: number, digits: number): Iterable<RowWrite> {
  for (let i = 0; i < count; i++) {
    yield { key: `row-${String(i).padStart(digits, '0')}`, columns: [['n', bytes(String(i))]] };
  }
}
