import fc from 'fast-check';
import { StoreError, type Row, type RowRef } from '../row-store.js';
import { readApart } from './read-apart.js';

const refsOf = (count: number): RowRef[] =>
  Array.from({ length: count }, (_, i) => ({ table: 'tracks.g1', key: String(i) }));

/** Answers each key with a row that names it; a call with a bad key fails as a whole. */
function storeWith(bad: (key: string) => boolean, why: StoreError) {
  const calls: number[] = [];
  return {
    calls,
    read: (refs: readonly RowRef[]): Promise<Row[]> => {
      calls.push(refs.length);
      if (refs.some(({ key }) => bad(key))) return Promise.reject(why);
      return Promise.resolve(refs.map(({ key }) => new Map([['key', Buffer.from(key)]])));
    },
  };
}

const keyOf = (row: Row): string => Buffer.from(row.get('key') ?? []).toString();

describe('many keys in one call', () => {
  const why = new StoreError('error', 'cannot be read');

  it('leave one out that cannot be read, wherever it stands, in a logarithm of calls', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 300 }), fc.nat(), async (count, at) => {
        const bad = String(at % count);
        const store = storeWith((key) => key === bad, why);
        const outcomes = await readApart(store, refsOf(count), {});
        expect(outcomes.map((outcome) => (outcome instanceof Map ? keyOf(outcome) : outcome))).toEqual(
          refsOf(count).map(({ key }) => (key === bad ? why : key)),
        );
        expect(store.calls.length).toBeLessThanOrEqual(1 + 2 * Math.ceil(Math.log2(count)));
      }),
    );
  });

  it('are not tried apart when it is no single key', async () => {
    const store = storeWith(() => true, why);
    expect(await readApart(store, refsOf(200), {})).toEqual(refsOf(200).map(() => why));
    expect(store.calls).toEqual([200, 100, 100]);
  });

  it.each(['unavailable', 'timeout', 'aborted', 'no-table'] as const)(
    'are not tried again after %s',
    async (reason) => {
      const failure = new StoreError(reason, 'all of it');
      const store = storeWith((key) => key === '0', failure);
      expect(await readApart(store, refsOf(4), {})).toEqual(refsOf(4).map(() => failure));
      expect(store.calls).toEqual([4]);
    },
  );
});
