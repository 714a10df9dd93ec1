import { jest } from '@jest/globals';
import fc from 'fast-check';
import { getEventListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import type { RowOutcome } from '../../src/store/row-reads.js';
import { StoreError, type Row, type RowRef } from '../../src/store/row-store.js';
import { SharedReads } from '../../src/store/shared-reads.js';
import { HeldReads } from './held-reads.js';
import { scratchStore, type ScratchStore } from './scratch-store.js';

const LIMITS = { keysPerCallMax: 3, callsBeforeCollecting: 2, collectMs: 5, flightsMax: 12, flightMsMax: 100 };
const KEYS = ['a', 'b', 'c', 'd', 'e'];
/** The clock moves by so much at once, at the end of a play. */
const STEP_MS_MAX = 105;
const TABLES = ['sessions', 'tracks.g1', 'tracks.gone'];

type Step =
  | { readonly do: 'ask'; readonly refs: readonly RowRef[]; readonly timeoutMs: number | undefined }
  | { readonly do: 'abort' | 'release' | 'fail'; readonly which: number }
  | { readonly do: 'write'; readonly key: string }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'turn' };

const ref = fc.record({ table: fc.constantFrom(...TABLES), key: fc.constantFrom(...KEYS, '') });
const which = fc.nat(50);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      refs: fc.array(ref, { maxLength: 5 }),
      timeoutMs: fc.option(fc.integer({ min: 0, max: 150 }), { nil: undefined }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('abort' as const, 'release', 'fail'), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('write' as const), key: fc.constantFrom(...KEYS) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('turn' as const) }) },
);

interface Asked {
  readonly refs: readonly RowRef[];
  readonly timeoutMs: number | undefined;
  readonly abort: AbortController;
  readonly askedMs: number;
  /** Versions of the sessions that had been written when it was asked. */
  readonly written: ReadonlyMap<string, number>;
  outcomes: readonly RowOutcome[] | undefined;
  endedMs: number;
}

/** Plays the steps and checks, after each, what must hold at any time. */
class Play {
  readonly asked: Asked[] = [];
  private readonly held: HeldReads;
  private readonly shared: SharedReads;
  private readonly startMs = performance.now();
  private callsSeen = 0;

  constructor(
    private readonly scratch: ScratchStore,
    private readonly written: Map<string, number>,
  ) {
    this.held = new HeldReads(scratch.store);
    this.shared = new SharedReads(this.held, LIMITS);
  }

  async take(next: Step): Promise<void> {
    if (next.do === 'ask') this.ask(next.refs, next.timeoutMs);
    else if (next.do === 'abort') this.asked[next.which % (this.asked.length || 1)]?.abort.abort();
    else if (next.do === 'pass') jest.advanceTimersByTime(next.ms);
    else if (next.do === 'turn') await turn();
    else if (next.do === 'write') await this.write(next.key);
    else {
      const call = this.held.held[next.which % (this.held.held.length || 1)] as (typeof this.held.held)[0] | undefined;
      if (next.do === 'release') await call?.release();
      else call?.fail(new StoreError('unavailable', 'down'));
    }
    await turn();
    this.check();
  }

  async end(): Promise<void> {
    // Everything must have ended by the deadlines of the flights and of their collecting.
    jest.advanceTimersByTime(LIMITS.collectMs);
    jest.advanceTimersByTime(LIMITS.flightMsMax);
    await turn();
    await turn();
    expect(this.asked.filter(({ outcomes }) => outcomes === undefined)).toEqual([]);
    expect(this.shared.flights).toBe(0);
    expect(jest.getTimerCount()).toBe(0);
    for (const { abort } of this.asked) expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
    this.asked.forEach(checkOutcomes);
  }

  private get nowMs(): number {
    return performance.now() - this.startMs;
  }

  private ask(refs: readonly RowRef[], timeoutMs: number | undefined): void {
    const abort = new AbortController();
    const asked: Asked = {
      refs,
      timeoutMs,
      abort,
      askedMs: this.nowMs,
      written: new Map(this.written),
      outcomes: undefined,
      endedMs: NaN,
    };
    this.asked.push(asked);
    const options = { signal: abort.signal, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
    void this.shared.readEach(refs, options).then((outcomes) => {
      asked.outcomes = outcomes;
      asked.endedMs = this.nowMs;
    });
  }

  private async write(key: string): Promise<void> {
    const version = (this.written.get(key) ?? 0) + 1;
    await this.scratch.store.mutate({ table: 'sessions', key }, { set: [['v', Buffer.from(String(version))]] });
    this.written.set(key, version);
  }

  private check(): void {
    expect(this.shared.flights).toBeLessThanOrEqual(LIMITS.flightsMax);
    for (; this.callsSeen < this.held.made.length; this.callsSeen++) {
      const refs = this.held.made[this.callsSeen];
      expect(refs.length).toBeLessThanOrEqual(LIMITS.keysPerCallMax);
      expect(new Set(refs.map(({ key }) => key)).size).toBe(refs.length);
      expect(new Set(refs.map(({ table }) => table)).size).toBe(1);
    }
    const underWay = this.held.held.flatMap(({ refs }) => refs).filter(({ table }) => table === 'tracks.g1');
    expect(new Set(underWay.map(({ key }) => key)).size).toBe(underWay.length);
    const waiting = this.asked.filter(({ outcomes }) => outcomes === undefined);
    for (const { refs } of this.held.held) {
      // A call that nobody waits for would have been aborted, and then it is held no more.
      const wanted = waiting.some((asked) =>
        asked.refs.some((a) => refs.some((b) => a.table === b.table && a.key === b.key)),
      );
      expect(wanted).toBe(true);
    }
  }
}

function checkOutcomes({ refs, outcomes, written, timeoutMs = Infinity, abort, askedMs, endedMs }: Asked): void {
  expect(outcomes).toHaveLength(refs.length);
  const tookMs = endedMs - askedMs;
  expect(tookMs).toBeLessThanOrEqual(timeoutMs + STEP_MS_MAX);
  refs.forEach(({ table, key }, i) => {
    const outcome = outcomes?.[i];
    if (!(outcome instanceof StoreError)) {
      expect(table).not.toBe('tracks.gone');
      expect(key).not.toBe('');
      if (table === 'tracks.g1') expect(outcome === undefined ? '-' : textOf(outcome)).toBe(key === 'e' ? '-' : key);
      else expect(outcome === undefined ? 0 : Number(textOf(outcome))).toBeGreaterThanOrEqual(written.get(key) ?? 0);
      return;
    }
    const { reason } = outcome;
    if (reason === 'aborted') expect(abort.signal.aborted).toBe(true);
    else if (reason === 'error') expect(key).toBe('');
    else if (reason === 'no-table') expect(table).toBe('tracks.gone');
    else if (reason !== 'timeout') expect(['unavailable', 'overload']).toContain(reason);
    // A flight of the generation may have been on its way for long; of a live table none is joined that is.
    else if (table === 'sessions') expect(tookMs).toBeGreaterThanOrEqual(Math.min(timeoutMs, LIMITS.flightMsMax));
  });
}

const textOf = (row: Row): string => Buffer.from(row.get('v') ?? []).toString();

describe('shared reads, whatever comes together', () => {
  let scratch: ScratchStore;
  const written = new Map<string, number>();

  beforeAll(async () => {
    scratch = await scratchStore(['sessions', 'tracks.g1']);
    // Of the last there is no row.
    for (const key of KEYS.slice(0, -1)) {
      await scratch.store.mutate({ table: 'tracks.g1', key }, { set: [['v', Buffer.from(key)]] });
    }
  });

  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'clearImmediate', 'nextTick', 'queueMicrotask'] });
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  afterAll(() => scratch.remove());

  it('answer everyone in time with the right row, a fresh one of live tables, or why there is none', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), async (steps) => {
        const play = new Play(scratch, written);
        for (const next of steps) await play.take(next);
        await play.end();
      }),
      { numRuns: 150 },
    );
  });
});
