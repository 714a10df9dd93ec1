import type { ClientClass } from '../../config/client-limits.js';
import type { Client } from '../clients.js';
import { LoopShares } from './loop-shares.js';

function clientOf(name: string, clientClass: ClientClass, concurrencyShare = 1): Client {
  return { name, class: clientClass, rate: undefined, concurrencyShare };
}

const app = clientOf('app', 'interactive');
const job = clientOf('job', 'batch');
const TURN_MS = 10;

let nowMs: number;
let utilization: number;
let shares: LoopShares;

beforeEach(() => {
  nowMs = 0;
  utilization = 1;
  shares = new LoopShares({ nowMs: () => nowMs, utilization: () => utilization });
});

/** Each client asks, and takes its milliseconds if it may, in each turn. @returns how often each was refused, of `turns` */
function pass(turns: number, takenMs: ReadonlyMap<Client, number>): Map<Client, number> {
  const refused = new Map([...takenMs.keys()].map((client) => [client, 0]));
  for (let turn = 0; turn < turns; turn++) {
    nowMs += TURN_MS;
    for (const [client, ms] of takenMs) {
      if (shares.isOverFair(client)) refused.set(client, (refused.get(client) ?? 0) + 1);
      else shares.charge(client, ms);
    }
  }
  return refused;
}

it('refuse whoever takes more than its share while others have no time left, and nobody else', () => {
  const refused = pass(
    200,
    new Map([
      [app, 0.2],
      [job, 9],
    ]),
  );
  expect(refused.get(app)).toBe(0);
  expect(refused.get(job)).toBeGreaterThan(100);
  expect(shares.isContended).toBe(true);
});

it('leave a client about as much as its class and concurrency share are worth', () => {
  const takenMs = (client: Client): number =>
    (100 -
      (pass(
        100,
        new Map([
          [app, 0.2],
          [client, 9],
        ]),
      ).get(client) ?? 0)) *
    9;
  pass(
    300,
    new Map([
      [app, 0.2],
      [job, 9],
    ]),
  );
  // One fifth of a second, and for a tenth of that one twentieth, which is the least.
  expect(takenMs(job)).toBeGreaterThan(120);
  expect(takenMs(job)).toBeLessThan(280);
  const small = clientOf('small', 'batch', 0.1);
  nowMs += 5_000;
  pass(
    300,
    new Map([
      [app, 0.2],
      [small, 9],
    ]),
  );
  expect(takenMs(small)).toBeLessThan(90);
});

it('refuse nobody who is alone, however busy it is', () => {
  expect(pass(200, new Map([[job, 10]])).get(job)).toBe(0);
});

it('refuse nobody while there is time left', () => {
  utilization = 0.7;
  expect(
    pass(
      200,
      new Map([
        [app, 0.2],
        [job, 7],
      ]),
    ).get(job),
  ).toBe(0);
});

it('are kept to for a while after there was no time left', () => {
  const takenMs = new Map([
    [app, 0.2],
    [job, 9],
  ]);
  pass(200, takenMs);
  utilization = 0;
  expect(pass(50, takenMs).get(job)).toBeGreaterThan(25);
  pass(100, takenMs);
  expect(pass(50, takenMs).get(job)).toBe(0);
});

it('forget who was greedy, and who is gone', () => {
  pass(
    200,
    new Map([
      [app, 0.2],
      [job, 9],
    ]),
  );
  nowMs += 10_000;
  const [, ofJob] = [...shares.shares()].map(([, share]) => share);
  expect(ofJob).toBeLessThan(0.001);
  expect(pass(200, new Map([[job, 10]])).get(job)).toBe(0);
});

it('are not confused by a clock that stands still or goes back', () => {
  shares.charge(job, 5);
  nowMs -= 100;
  shares.charge(job, 5);
  expect([...shares.shares()]).toEqual([[job, 10 / 500]]);
});
