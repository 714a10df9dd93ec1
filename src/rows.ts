/** What stands between the row store and the stages: calls that requests share, and rows in memory. */
import type { Config } from './config.js';
import { KnownBindings } from './listeners/known-bindings.js';
import { ListenerCache } from './listeners/listener-cache.js';
import { RowCache } from './store/row-cache.js';
import { wholeReads, type RowReads } from './store/row-reads.js';
import type { RowStore } from './store/row-store.js';
import { SharedReads } from './store/shared-reads.js';
import type { Telemetry } from './telemetry.js';
import { NeighbourCache } from './worlds/neighbour-cache.js';
import type { World } from './worlds/world.js';

/** Keys are sent at the end of the turn while fewer calls of their table are under way; docs/DECISIONS.md has the measurement. */
const CALLS_BEFORE_COLLECTING = 2;
const COLLECT_MS = 1;

export interface Rows {
  readonly reads: RowReads;
  /** In memory: rows, decoded, and what binds for listeners. */
  readonly kept: {
    readonly listeners: ListenerCache;
    readonly neighbours: NeighbourCache;
    readonly bindings: KnownBindings;
  };
  /** From now on, rows of this world are kept, and those of the one before forgotten. */
  serve(world: World): void;
  observe(telemetry: Pick<Telemetry, 'observeCounter' | 'observeGauge'>): void;
}

/** LMDB is read directly: a look-up takes less time than waiting for others would. */
export function openRows({ reads: limits }: Pick<Config, 'reads'>, store: RowStore): Rows {
  const listeners = new ListenerCache(limits.listenersMaxBytes);
  const neighbours = new NeighbourCache(limits.neighboursMaxBytes);
  const bindings = new KnownBindings();
  const remote = store.driver === 'lmdb' ? undefined : remoteRows(limits, store);
  return {
    reads: remote?.cache ?? wholeReads(store),
    kept: { listeners, neighbours, bindings },
    serve: ({ generation, catalogue }) => {
      listeners.serve(generation);
      neighbours.serve(generation, catalogue.count);
      remote?.cache.serve(generation);
    },
    observe: (telemetry) => {
      const caches = { listeners, neighbours, bindings, ...(remote === undefined ? {} : { contexts: remote.cache }) };
      for (const [name, { counts }] of Object.entries(caches)) {
        telemetry.observeCounter(`segue.${name}.lookups`, 'Look-ups in memory, by outcome.', 'outcome', () => {
          const { hits, misses } = counts;
          return { hits, misses };
        });
      }
      const of = <T>(value: (cache: ListenerCache | NeighbourCache | KnownBindings | RowCache) => T) =>
        Object.fromEntries(Object.entries(caches).map(([name, cache]) => [name, value(cache)]));
      telemetry.observeCounter('segue.rows.evictions', 'Rows that had to leave memory for others.', 'of', () =>
        of(({ counts }) => counts.evictions),
      );
      telemetry.observeGauge('segue.rows.memory', 'Memory of the rows that are kept.', 'By', 'of', () =>
        of(({ bytes }) => bytes),
      );
      if (remote === undefined) return;
      const { counts } = remote.shared;
      telemetry.observeCounter(
        'segue.rows.asked',
        'Rows asked of the store, by what became of them.',
        'outcome',
        () => {
          const { sent, joined, refused } = counts;
          return { sent, joined, refused };
        },
      );
      telemetry.observeCounter(
        'segue.rows.calls',
        'Calls for rows that requests share, by how they ended.',
        'outcome',
        () => {
          const { answered, abandoned } = counts;
          return { answered, abandoned };
        },
      );
    },
  };
}

function remoteRows(limits: Config['reads'], store: RowStore): { cache: RowCache; shared: SharedReads } {
  const shared = new SharedReads(store, {
    keysPerCallMax: limits.keysPerCallMax,
    callsBeforeCollecting: CALLS_BEFORE_COLLECTING,
    collectMs: COLLECT_MS,
    flightsMax: limits.keysMax,
    flightMsMax: limits.timeoutMs,
  });
  return { cache: new RowCache(shared, ['contexts'], limits.contextsMaxBytes), shared };
}
