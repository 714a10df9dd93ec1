import { requestBodies, withBudget } from '../../bench/requests.js';
import { syntheticListenerId, syntheticTrackId } from '../../bench/worlds/shape.js';
import { listenerRows, neighbourRows } from '../../bench/worlds/synthetic-rows.js';
import { decodeListenerRow } from '../../src/listeners/listener-row.js';
import { rowKey } from '../../src/store/tables.js';
import { decodeNeighbours } from '../../src/worlds/track-rows.js';

const SHAPE = { tracks: 2_000, listeners: 30 };
const BOUNDS = { count: SHAPE.tracks, artistCount: SHAPE.tracks / 5 };

describe('the rows of a synthetic world', () => {
  it('are decoded as those of a real one, one a listener', () => {
    const rows = [...listenerRows(SHAPE)];
    expect(rows.map(({ key }) => key)).toEqual(
      Array.from({ length: SHAPE.listeners }, (_, i) => rowKey(syntheticListenerId(i))).sort(),
    );
    const corrupt: unknown[] = [];
    for (const { columns } of rows) {
      const row = decodeListenerRow(new Map(columns), BOUNDS, (...problem) => corrupt.push(problem));
      expect(row.pool[0].ordinals).toHaveLength(200);
      const played = row.history?.ordinals ?? new Uint32Array();
      expect([...played]).toEqual([...new Set(played)].sort((a, b) => a - b));
      expect(row.heard?.has(syntheticTrackId(played[0]))).toBe(true);
    }
    expect(corrupt).toEqual([]);
  });

  it('give every track neighbours that are distinct and mostly popular', () => {
    const rows = [...neighbourRows(SHAPE)];
    expect(rows).toHaveLength(SHAPE.tracks);
    const lists = rows.map(({ columns }) => decodeNeighbours(new Map(columns), SHAPE.tracks)?.ordinals ?? []);
    for (const list of lists) expect(new Set(list).size).toBe(75);
    const named = lists.flatMap((list) => [...list]);
    const inFirstTenth = named.filter((ordinal) => ordinal < SHAPE.tracks / 10).length;
    expect(inFirstTenth / named.length).toBeGreaterThan(0.3);
  });
});

describe('the requests of the bench', () => {
  const shape = {
    count: 500,
    seed: 3,
    listenerIdOf: syntheticListenerId,
    tracks: { count: 1000, idOf: syntheticTrackId },
  };

  it('are the same for the same seed', () => {
    const bodies = requestBodies({ ...shape, listeners: 50 });
    expect(requestBodies({ ...shape, listeners: 50 })).toEqual(bodies);
    expect(requestBodies({ ...shape, listeners: 50, seed: 4 })).not.toEqual(bodies);
  });

  it.each([50, 100_000])('ask for all of %i listeners alike, with eight distinct tracks each', (listeners) => {
    const asked = requestBodies({ ...shape, listeners }).map(
      (body) => JSON.parse(body) as { listenerId: string; seedTrackId: string; recentTrackIds: string[] },
    );
    expect(new Set(asked.map(({ listenerId }) => listenerId)).size).toBe(Math.min(500, listeners));
    for (const { seedTrackId, recentTrackIds } of asked) {
      expect(new Set([seedTrackId, ...recentTrackIds]).size).toBe(8);
    }
    const last =
      asked
        .map(({ listenerId }) => listenerId)
        .sort()
        .at(-1) ?? '';
    expect(last > syntheticListenerId(Math.floor(listeners * 0.9))).toBe(true);
  });

  it('take another budget', () => {
    const bodies = requestBodies({ ...shape, listeners: 50, budgetMs: 2000 });
    expect(withBudget(bodies, 50)).toEqual(requestBodies({ ...shape, listeners: 50, budgetMs: 50 }));
  });
});
