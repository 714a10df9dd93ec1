import { jest } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import type { RowOutcome } from '../../src/store/row-reads.js';
import { StoreError, type CallOptions, type Row, type RowRef } from '../../src/store/row-store.js';
import { SharedReads } from '../../src/store/shared-reads.js';
import { HeldReads } from './held-reads.js';
import { scratchStore, type ScratchStore } from './scratch-store.js';

const TRACKS = 'tracks.g1';
const LIMITS = { keysPerCallMax: 8, callsBeforeCollecting: 2, collectMs: 5, flightsMax: 20, flightMsMax: 1000 };

const track = (key: string): RowRef => ({ table: TRACKS, key });
const session = (key: string): RowRef => ({ table: 'sessions', key });
const keysOf = (refs: readonly RowRef[]): string => refs.map(({ key }) => key).join('');

/** The value of column `v`, `none` for no row, or the reason of a failure. */
function said(outcome: RowOutcome): string {
  if (outcome instanceof StoreError) return outcome.reason;
  return outcome === undefined ? 'none' : Buffer.from(outcome.get('v') ?? []).toString();
}

describe('shared reads', () => {
  let scratch: ScratchStore;
  let held: HeldReads;
  let shared: SharedReads;

  beforeAll(async () => {
    scratch = await scratchStore(['sessions', TRACKS]);
    for (const key of 'abcdefghijklmnopqrstuvwxyz') {
      await scratch.store.mutate(track(key), { set: [['v', Buffer.from(key)]] });
    }
  });

  afterAll(() => scratch.remove());

  beforeEach(async () => {
    await write('x', 'old');
    // The clock stands still; turns of the event loop go on.
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'clearImmediate', 'nextTick', 'queueMicrotask'] });
    held = new HeldReads(scratch.store);
    shared = new SharedReads(held, LIMITS);
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  const write = (key: string, value: string) =>
    scratch.store.mutate(session(key), { set: [['v', Buffer.from(value)]] });

  const ask = async (refs: readonly RowRef[], options?: CallOptions): Promise<string> =>
    (await shared.readEach(refs, options)).map(said).join(' ');

  it('send the keys of all who ask in one turn as one call a table', async () => {
    const asked = [ask([track('a'), session('x')]), ask([track('b'), track('z')]), ask([session('nobody')])];
    expect(held.made).toEqual([]);
    await turn();
    expect(held.made.map(keysOf)).toEqual(['abz', 'xnobody']);
    await held.releaseAll();
    expect(await Promise.all(asked)).toEqual(['a old', 'b z', 'none']);
    // LMDB's own timers are short; a deadline left behind would be long.
    await jest.advanceTimersByTimeAsync(50);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('ask for a key once, however many wait for it, also while it is on its way', async () => {
    const first = ask([track('a'), track('a')]);
    await turn();
    const late = ask([track('a'), track('b')]);
    await turn();
    expect(held.made.map(keysOf)).toEqual(['a', 'b']);
    await held.releaseAll();
    expect(await first).toBe('a a');
    expect(await late).toBe('a b');
    expect(shared.counts).toMatchObject({ sent: 2, joined: 2 });
  });

  it('collect keys while calls of the table are under way, until one ends', async () => {
    const asked: Promise<string>[] = [];
    for (const key of 'abcde') {
      asked.push(ask([track(key)]));
      await turn();
    }
    expect(held.made.map(keysOf)).toEqual(['a', 'b']);
    await held.held[0]?.release();
    await turn();
    expect(held.made.map(keysOf)).toEqual(['a', 'b', 'cde']);
    await held.releaseAll();
    expect(await Promise.all(asked)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('collect no longer than they may, and no more than a call takes', async () => {
    const asked = Array.from('ab').map((key) => ask([track(key)]));
    await turn();
    asked.push(ask([track('c')]));
    await turn();
    asked.push(ask([track('d')]));
    await turn();
    expect(held.made.map(keysOf)).toEqual(['ab', 'c']);
    jest.advanceTimersByTime(LIMITS.collectMs);
    expect(held.made.map(keysOf)).toEqual(['ab', 'c', 'd']);
    asked.push(...Array.from('efghijklmn').map((key) => ask([track(key)])));
    await turn();
    expect(held.made.map(keysOf)).toEqual(['ab', 'c', 'd', 'efghijkl']);
    await held.releaseAll();
    await turn();
    await held.releaseAll();
    expect((await Promise.all(asked)).join('')).toBe('abcdefghijklmn');
  });

  it('leave the others alone when one of them is aborted or out of time', async () => {
    const abort = new AbortController();
    const asked = [
      ask([track('a')], { signal: abort.signal }),
      ask([track('a')], { timeoutMs: 10 }),
      ask([track('a')]),
    ];
    await turn();
    abort.abort();
    jest.advanceTimersByTime(10);
    expect(await Promise.all(asked.slice(0, 2))).toEqual(['aborted', 'timeout']);
    expect(held.held.map(({ aborted }) => aborted)).toEqual([false]);
    await held.releaseAll();
    expect(await asked[2]).toBe('a');
  });

  it('abort a call when nobody waits for any of its keys, and only then', async () => {
    const [one, two] = [new AbortController(), new AbortController()];
    const asked = [ask([track('a')], { signal: one.signal }), ask([track('b')], { signal: two.signal })];
    await turn();
    const [call] = held.held;
    one.abort();
    expect(call.aborted).toBe(false);
    const back = ask([track('a')]);
    two.abort();
    expect(call.aborted).toBe(false);
    await held.releaseAll();
    expect(await Promise.all([...asked, back])).toEqual(['aborted', 'aborted', 'a']);

    const last = ask([track('a'), track('b')], { timeoutMs: 10 });
    await turn();
    const [lastCall] = held.held;
    jest.advanceTimersByTime(10);
    expect(await last).toBe('timeout timeout');
    expect(lastCall.aborted).toBe(true);
    expect(shared.counts.abandoned).toBe(1);
    expect(shared.flights).toBe(0);
  });

  it('read again after an abort: nobody joins what was aborted', async () => {
    const gone = ask([track('a')], { timeoutMs: 10 });
    await turn();
    jest.advanceTimersByTime(10);
    const next = ask([track('a')]);
    await turn();
    expect(held.made.map(keysOf)).toEqual(['a', 'a']);
    await held.releaseAll();
    expect([await gone, await next]).toEqual(['timeout', 'a']);
  });

  it('never send a key that nobody waits for any more', async () => {
    const abort = new AbortController();
    const asked = [ask([track('a')], { signal: abort.signal }), ask([track('b')])];
    abort.abort();
    await turn();
    expect(held.made.map(keysOf)).toEqual(['b']);
    await held.releaseAll();
    expect(await Promise.all(asked)).toEqual(['aborted', 'b']);
    expect(shared.flights).toBe(0);
  });

  it('give each flight its own deadline, whatever its first waiter had', async () => {
    const asked = [ask([track('a')], { timeoutMs: 10 }), ask([track('a')], { timeoutMs: 60_000 }), ask([track('a')])];
    await turn();
    jest.advanceTimersByTime(LIMITS.flightMsMax - 1);
    const [call] = held.held;
    expect(call.aborted).toBe(false);
    jest.advanceTimersByTime(1);
    expect(await Promise.all(asked)).toEqual(['timeout', 'timeout', 'timeout']);
    expect(call.aborted).toBe(true);
  });

  it('give at a timeout what has arrived until then', async () => {
    const asked = ask([track('a'), session('x')], { timeoutMs: 10 });
    await turn();
    await held.held.find(({ refs }) => keysOf(refs) === 'x')?.release();
    jest.advanceTimersByTime(10);
    expect(await asked).toBe('timeout old');
  });

  it('see in a live table what was written before they began, though the key is on its way', async () => {
    const before = ask([session('x')]);
    await turn();
    await write('x', 'new');
    const after = ask([session('x')]);
    await turn();
    await held.releaseAll();
    expect([await before, await after]).toEqual(['old', 'new']);
    expect(shared.counts.joined).toBe(0);
  });

  it('join in a live table what is not sent yet', async () => {
    const asked = [ask([session('x')]), ask([session('x')])];
    await turn();
    await held.releaseAll();
    expect(await Promise.all(asked)).toEqual(['old', 'old']);
    expect(shared.counts).toMatchObject({ sent: 1, joined: 1 });
  });

  it('fail the keys of a missing table or of no possible name alone', async () => {
    const refs = [
      track('a'),
      { table: 'tracks.gone', key: 'a' },
      track(''),
      { table: 'No Name', key: 'a' },
      track('b'),
    ];
    const asked = ask(refs);
    await turn();
    await held.releaseAll();
    expect(await asked).toBe('a no-table error error b');
  });

  it('fail a key that cannot be read alone', async () => {
    const poisoned = {
      read: (refs: readonly RowRef[]): Promise<(Row | undefined)[]> =>
        refs.some(({ key }) => key === 'f') ? Promise.reject(new Error('bad row')) : scratch.store.read(refs),
    };
    shared = new SharedReads(poisoned, LIMITS);
    const outcomes = await Promise.all(Array.from('abcdefgh').map((key) => ask([track(key)])));
    expect(outcomes).toEqual(['a', 'b', 'c', 'd', 'e', 'error', 'g', 'h']);
  });

  it('refuse keys beyond the bound, and count them, while joining stays free', async () => {
    const keys = Array.from('abcdefghijklmnopqrstuvwxyz');
    const asked = keys.map((key) => ask([track(key)]));
    const joined = ask([track('a')]);
    for (let round = 0; round < 4; round++) {
      await turn();
      await held.releaseAll();
    }
    expect(await Promise.all(asked)).toEqual(keys.map((key, i) => (i < LIMITS.flightsMax ? key : 'overload')));
    expect(await joined).toBe('a');
    expect(shared.counts.refused).toBe(keys.length - LIMITS.flightsMax);
    const next = ask([track('z')]);
    await turn();
    await held.releaseAll();
    expect(await next).toBe('z');
  });

  it('tell the driver why a call is not wanted any more', async () => {
    const reasons: unknown[] = [];
    const silent = {
      read: (_refs: readonly RowRef[], options?: CallOptions): Promise<(Row | undefined)[]> =>
        new Promise(() => {
          options?.signal?.addEventListener('abort', () => reasons.push(options.signal?.reason));
        }),
    };
    shared = new SharedReads(silent, LIMITS);
    const abort = new AbortController();
    const asked = [ask([track('a')], { timeoutMs: 10 }), ask([session('a')], { signal: abort.signal })];
    await turn();
    jest.advanceTimersByTime(10);
    abort.abort();
    await Promise.all(asked);
    expect(reasons).toMatchObject([{ reason: 'timeout' }, { reason: 'aborted' }]);
  });
});
