import fc from 'fast-check';
import { CLIENT_CLASSES, type ClientClass } from '../../config/client-limits.js';
import type { Client } from '../clients.js';
import { WaitingQueue } from './waiting-queue.js';

interface Entry {
  readonly client: Client;
  readonly n: number;
}

function clientOf(name: string, clientClass: ClientClass = 'standard'): Client {
  return { name, class: clientClass, rate: undefined, concurrencyShare: 1 };
}

const polite = clientOf('polite');
const greedy = clientOf('greedy');
const app = clientOf('app', 'interactive');
const job = clientOf('job', 'batch');
const all = (): boolean => true;
const nobody = (): boolean => false;

function fill(countMax: number, ...clients: Client[]): WaitingQueue<Entry> {
  const queue = new WaitingQueue<Entry>(countMax);
  clients.forEach((client, n) => queue.add({ client, n }));
  return queue;
}

function takeAll(queue: WaitingQueue<Entry>, newestFirst: (client: Client) => boolean = nobody): string[] {
  const taken: string[] = [];
  for (let entry = queue.take(newestFirst, all); entry !== undefined; entry = queue.take(newestFirst, all)) {
    taken.push(`${entry.client.name} ${entry.n}`);
  }
  return taken;
}

it('takes the more urgent class first, and of a class each client in turn', () => {
  const queue = fill(10, job, greedy, greedy, greedy, polite, app, polite);
  expect(takeAll(queue)).toEqual(['app 5', 'greedy 1', 'polite 4', 'greedy 2', 'polite 6', 'greedy 3', 'job 0']);
});

it('takes the newest first of those clients it is told to', () => {
  expect(takeAll(fill(10, greedy, greedy, polite, greedy, polite), (client) => client === greedy)).toEqual([
    'greedy 3',
    'polite 2',
    'greedy 1',
    'polite 4',
    'greedy 0',
  ]);
});

it('passes over clients that may not run now', () => {
  const queue = fill(10, app, polite);
  expect(queue.take(nobody, (client) => client !== app)).toEqual({ client: polite, n: 1 });
  expect(queue.take(nobody, (client) => client !== app)).toBeUndefined();
  expect(queue.length).toBe(1);
});

it('pushes out the oldest of whoever has most, in the least urgent class', () => {
  const queue = fill(4, polite, greedy, greedy, app);
  expect(queue.add({ client: polite, n: 4 })).toEqual({ client: greedy, n: 1 });
  expect(queue.add({ client: greedy, n: 5 })).toEqual({ client: polite, n: 0 });
  expect(queue.add({ client: app, n: 6 })?.client.class).toBe('standard');
});

it('pushes out the newcomer itself where all others are more urgent', () => {
  const queue = fill(2, app, app);
  expect(queue.add({ client: job, n: 2 })).toEqual({ client: job, n: 2 });
  expect(takeAll(queue)).toEqual(['app 0', 'app 1']);
});

it('takes out those that must leave, and keeps the others in order', () => {
  const queue = fill(10, greedy, polite, greedy, app, greedy);
  expect(queue.takeWhere(({ n }) => n % 2 === 0).map(({ n }) => n)).toEqual([0, 2, 4]);
  expect(takeAll(queue)).toEqual(['app 3', 'polite 1']);
});

it('tells how many of the same client come before, of those that stay', () => {
  const queue = fill(10, greedy, polite, greedy, polite, greedy, greedy);
  const told: string[] = [];
  queue.takeWhere(({ client, n }, before) => {
    told.push(`${client.name} ${n}: ${before}`);
    return n === 2;
  });
  expect(told).toEqual(['greedy 0: 0', 'greedy 2: 1', 'greedy 4: 1', 'greedy 5: 2', 'polite 1: 0', 'polite 3: 1']);
  expect(queue.lengthFor(greedy)).toBe(3);
  expect(queue.lengthFor(app)).toBe(0);
});

it('loses and doubles nothing, is never longer than it may be, and lets a greedy client push out only its own', () => {
  const clients = [polite, greedy, app, job];
  const operation = fc.oneof(
    fc.record({ add: fc.nat({ max: 3 }) }),
    fc.record({ take: fc.boolean() }),
    fc.record({ leave: fc.integer({ min: 2, max: 5 }) }),
  );
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
      const queue = new WaitingQueue<Entry>(8);
      const inside = new Set<Entry>();
      const lengthOf = (client: Client): number => [...inside].filter((entry) => entry.client === client).length;
      operations.forEach((next, n) => {
        const gone: (Entry | undefined)[] = [];
        if ('add' in next) {
          const entry = { client: clients[next.add], n };
          const pushedOut = queue.add(entry);
          if (pushedOut !== undefined && pushedOut !== entry && pushedOut.client.class === entry.client.class) {
            expect(lengthOf(pushedOut.client)).toBe(
              Math.max(...clients.filter((one) => one.class === entry.client.class).map(lengthOf)),
            );
          }
          inside.add(entry);
          gone.push(pushedOut);
        } else if ('take' in next) gone.push(queue.take(() => next.take, all));
        else gone.push(...queue.takeWhere((entry) => entry.n % next.leave === 0));
        for (const entry of gone) if (entry !== undefined) expect(inside.delete(entry)).toBe(true);
        expect(queue.length).toBe(inside.size);
        expect(queue.length).toBeLessThanOrEqual(8);
        expect(CLIENT_CLASSES.reduce((sum, name) => sum + queue.lengthOf(name), 0)).toBe(inside.size);
      });
    }),
  );
});
