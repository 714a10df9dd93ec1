/** One call for many keys, in which a key that cannot be read does not take the others with it. */
import { asStoreError, type RowOutcome } from '../row-reads.js';
import { StoreError, type CallOptions, type Row, type RowRef, type RowStore } from '../row-store.js';

/**
 * Reads all keys in one call. When that fails for a reason that may be a single key's, the call is made again by halves, down to
 * the key at fault. When both halves fail it was no single key, and nothing further is tried. Never rejects.
 */
export async function readApart(
  store: Pick<RowStore, 'read'>,
  refs: readonly RowRef[],
  options: CallOptions,
): Promise<readonly RowOutcome[]> {
  const rows = await attempt(store, refs, options);
  return rows instanceof StoreError ? apart(store, refs, rows, options) : rows;
}

/** @param failure of all `refs` in one call */
async function apart(
  store: Pick<RowStore, 'read'>,
  refs: readonly RowRef[],
  failure: StoreError,
  options: CallOptions,
): Promise<readonly RowOutcome[]> {
  if (refs.length === 1 || !mayBeOneKey(failure)) return refs.map(() => failure);
  const middle = refs.length >>> 1;
  const halves = [refs.slice(0, middle), refs.slice(middle)];
  const results = await Promise.all(halves.map((half) => attempt(store, half, options)));
  if (results.every((result) => result instanceof StoreError)) return refs.map(() => failure);
  const outcomes: RowOutcome[] = [];
  for (const [i, half] of halves.entries()) {
    const result = results[i] ?? [];
    outcomes.push(...(result instanceof StoreError ? await apart(store, half, result, options) : result));
  }
  return outcomes;
}

async function attempt(
  store: Pick<RowStore, 'read'>,
  refs: readonly RowRef[],
  options: CallOptions,
): Promise<(Row | undefined)[] | StoreError> {
  try {
    return await store.read(refs, options);
  } catch (error) {
    return asStoreError(error);
  }
}

function mayBeOneKey({ reason }: StoreError): boolean {
  return reason === 'error' || reason === 'too-large';
}
