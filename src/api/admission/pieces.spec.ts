import type { ClientClass } from '../../config/client-limits.js';
import type { Client } from '../clients.js';
import { Pieces, PIECES_UNDER_WAY_MAX, PIECES_WAITING_MAX } from './pieces.js';

function clientOf(name: string, clientClass: ClientClass = 'standard', concurrencyShare = 1): Client {
  return { name, class: clientClass, rate: undefined, concurrencyShare };
}

const polite = clientOf('polite');
const greedy = clientOf('greedy');
const app = clientOf('app', 'interactive');

let nowMs: number;
let charged: Map<string, number>;
let refused: string[];
let pieces: Pieces;

beforeEach(() => {
  nowMs = 0;
  charged = new Map();
  refused = [];
  pieces = new Pieces({
    nowMs: () => nowMs,
    random: () => 0,
    shares: {
      charge: ({ name }, ms) => {
        charged.set(name, (charged.get(name) ?? 0) + ms);
      },
    },
    onRefused: ({ name }) => refused.push(name),
  });
});

it('run clients in turn, more urgent ones first, and are charged', async () => {
  const order: string[] = [];
  const work = (client: Client): Promise<void> =>
    pieces.run(client, () => {
      order.push(client.name);
      nowMs += 0.25;
    });
  await Promise.all([greedy, greedy, greedy, polite, app].map(work));
  expect(order).toEqual(['app', 'greedy', 'polite', 'greedy', 'greedy']);
  // The last one is charged once all that follows from it is done.
  await new Promise(setImmediate);
  expect(Object.fromEntries(charged)).toEqual({ app: 0.25, greedy: 0.75, polite: 0.25 });
});

it('give way to others after two milliseconds', async () => {
  const perTurn: number[] = [];
  let turn = 0;
  const nextTurn = (): void => {
    turn++;
    if (turn < 20) setImmediate(nextTurn);
  };
  setImmediate(nextTurn);
  const work = (): void => {
    perTurn[turn] = (perTurn[turn] ?? 0) + 1;
    nowMs += 1;
  };
  await Promise.all(Array.from({ length: 8 }, () => pieces.run(greedy, work)));
  expect(perTurn.filter((count) => count > 0)).toEqual([2, 2, 2, 2]);
});

it('answer as the work does', async () => {
  expect(await pieces.run(polite, () => 1)).toBe(1);
  expect(await pieces.run(polite, () => Promise.resolve(2))).toBe(2);
  const broken = new Error('broken');
  const fail = (): never => {
    throw broken;
  };
  await expect(pieces.run(polite, fail)).rejects.toBe(broken);
  await expect(pieces.run(polite, () => Promise.reject(broken))).rejects.toBe(broken);
  expect(await pieces.run(polite, () => 3)).toBe(3);
});

it('are under way only so many at once, of a client with a share that share', async () => {
  const held = Promise.withResolvers<undefined>();
  const small = clientOf('small', 'standard', 0.1);
  const underWay = { greedy: 0, small: 0 };
  const work = (client: Client, name: 'greedy' | 'small'): Promise<unknown> =>
    pieces.run(client, () => {
      underWay[name]++;
      return held.promise;
    });
  const all = Array.from({ length: 200 }, () => [work(greedy, 'greedy'), work(small, 'small')]).flat();
  // As many turns as there are pieces are more than enough.
  for (let i = 0; i < 400; i++) await new Promise(setImmediate);
  expect(underWay.small).toBe(Math.floor(0.1 * PIECES_UNDER_WAY_MAX));
  expect(underWay.greedy + underWay.small).toBe(PIECES_UNDER_WAY_MAX);
  held.resolve(undefined);
  await Promise.all(all);
  expect(underWay).toEqual({ greedy: 200, small: 200 });
});

it('refuse the oldest of whoever has most where too many wait', async () => {
  const run = (client: Client): Promise<string> => pieces.run(client, () => client.name).catch(String);
  const all = Array.from({ length: PIECES_WAITING_MAX }, () => run(greedy));
  expect(await run(polite)).toBe('polite');
  const outcomes = await Promise.all(all);
  expect(outcomes[0]).toBe('SegueError: overloaded: try again in 500 ms');
  expect(outcomes.slice(1).every((outcome) => outcome === 'greedy')).toBe(true);
  expect(refused).toEqual(['greedy']);
});
