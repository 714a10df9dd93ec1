/** What shared reads do over a real store, whichever it is. */
import fc from 'fast-check';
import { StoreError, type RowRef, type RowStore } from '../../src/store/row-store.js';
import type { RowOutcome } from '../../src/store/row-reads.js';
import { SharedReads } from '../../src/store/shared-reads.js';
import type { StoreUnderTest } from './row-store.contract.js';

const LIMITS = { keysPerCallMax: 16, callsBeforeCollecting: 2, collectMs: 1, flightsMax: 1000, flightMsMax: 10_000 };
const TABLES = ['listeners.g1', 'tracks.g1', 'sessions'];
const LISTENERS = 8;

function said(outcome: RowOutcome): string | undefined {
  if (outcome instanceof StoreError) return outcome.reason;
  return outcome && [...outcome].map(([column, value]) => `${column}=${Buffer.from(value).toString('hex')}`).join();
}

/** @param start gives each test fresh, empty data */
export function sharedReadsContract(start: () => Promise<StoreUnderTest>): void {
  let under: StoreUnderTest;
  let store: RowStore;
  let shared: SharedReads;

  beforeEach(async () => {
    under = await start();
    store = await under.open();
    shared = new SharedReads(store, LIMITS);
    for (const table of TABLES) {
      await store.createTable(table);
      const rows = Array.from({ length: 20 }, (_, i) => ({
        key: `k${i}`,
        columns: Array.from(
          { length: i },
          (_column, c) => [`c${c}`, Buffer.alloc(i * c, `${table}${i}`)] as const,
        ).slice(1),
      }));
      await store.writeAll(table, rows);
    }
  });

  afterEach(async () => {
    await store.close();
    await under.stop();
  });

  const read = async (refs: readonly RowRef[]) => (await shared.readEach(refs)).map(said);

  it('give concurrent readers what each would have read alone', async () => {
    const refs = fc.array(
      fc.record({
        table: fc.constantFrom(...TABLES, 'tracks.none'),
        key: fc.nat(25).map((i) => `k${i}`),
      }),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(refs, { minLength: 1, maxLength: 12 }), async (asked) => {
        const together = await Promise.all(asked.map(read));
        const alone = await Promise.all(
          asked.map((each) =>
            Promise.all(
              each.map((ref) =>
                store.read([ref]).then(
                  ([row]) => said(row),
                  (error: unknown) => (error as StoreError).reason,
                ),
              ),
            ),
          ),
        );
        expect(together).toEqual(alone);
      }),
      { numRuns: 30 },
    );
  });

  it('show a listener their own event in the next read, while others read the same rows all the time', async () => {
    let done = false;
    const others = Array.from({ length: 8 }, async (_, i) => {
      while (!done) await read([{ table: 'sessions', key: `l${i % LISTENERS}` }]);
    });
    await Promise.all(
      Array.from({ length: LISTENERS }, async (_, listener) => {
        const ref = { table: 'sessions', key: `l${listener}` };
        for (let event = 0; event < 30; event++) {
          await store.mutate(ref, { set: [[`e:${event}`, Buffer.of(event)]] });
          const [row] = await shared.readEach([ref]);
          expect(row instanceof Map ? row.size : row).toBe(event + 1);
        }
      }),
    );
    done = true;
    await Promise.all(others);
  });

  it('read each row of a generation once for all who ask at a time', async () => {
    await Promise.all(
      Array.from({ length: 50 }, () => read(['k1', 'k2', 'k3'].map((key) => ({ table: 'tracks.g1', key })))),
    );
    expect(shared.counts).toMatchObject({ answered: 1, sent: 3, joined: 147 });
  });

  it('fail when the store is closed, and leave nothing waiting', async () => {
    await store.close();
    expect(await read([{ table: 'sessions', key: 'k1' }])).toEqual(['unavailable']);
    expect(shared.flights).toBe(0);
  });
}
