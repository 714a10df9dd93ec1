import { WAITING_MAX } from '../../src/api/admission/admission.js';
import type { Client } from '../../src/api/clients.js';
import type { ClientClass } from '../../src/config/client-limits.js';
import { DEFAULT_LOOP, SimulatedLoop, type LoopOptions, type Outcomes } from './simulated-loop.js';

const SECONDS = 10;

function clientOf(name: string, clientClass: ClientClass = 'standard', concurrencyShare = 1): Client {
  return { name, class: clientClass, rate: undefined, concurrencyShare };
}

function share(loop: SimulatedLoop, client: Client): number {
  const { ranked, gaveUp, shed, refused } = loop.of(client);
  return ranked / (ranked + gaveUp + shed + refused);
}

const one = clientOf('one');

/** A polite client at a fifth of the saturation beside a greedy one at twice the saturation. */
async function politeBesideGreedy(
  options: LoopOptions,
): Promise<Record<'polite' | 'greedy', Outcomes & { share: number }>> {
  const loop = new SimulatedLoop(options);
  const polite = clientOf('polite');
  const greedy = clientOf('greedy');
  loop.load(polite, loop.saturation * 0.2, 0, SECONDS * 1000);
  loop.load(greedy, loop.saturation * 2, 0, SECONDS * 1000);
  await loop.run();
  const of = (client: Client): Outcomes & { share: number } => ({ ...loop.of(client), share: share(loop, client) });
  return { polite: of(polite), greedy: of(greedy) };
}

it.each([[0.5], [0.9]])('ranks every request at %s of saturation', async (load) => {
  const loop = new SimulatedLoop(DEFAULT_LOOP);
  loop.load(one, loop.saturation * load, 0, SECONDS * 1000);
  await loop.run();
  expect(loop.of(one)).toMatchObject({ gaveUp: 0, shed: 0, refused: 0 });
});

it('answers every request in time at twice saturation, and ranks 0.65 of saturation or more', async () => {
  const loop = new SimulatedLoop(DEFAULT_LOOP);
  loop.load(one, loop.saturation * 2, 0, SECONDS * 1000);
  await loop.run();
  const { ranked, refused } = loop.of(one);
  expect(refused).toBe(0);
  expect(loop.latenciesMs.filter((ms) => ms > DEFAULT_LOOP.budgetMs)).toHaveLength(0);
  expect(ranked / SECONDS / loop.saturation).toBeGreaterThan(0.65);
  expect(loop.admission.concurrencyLimit).toBeLessThan(12);
});

it('tells how many came and how many of them it did not rank, once', async () => {
  const loop = new SimulatedLoop(DEFAULT_LOOP);
  loop.load(one, loop.saturation * 2, 0, 1000);
  await loop.run();
  const { ranked, shed, refused } = loop.of(one);
  expect(shed).toBeGreaterThan(0);
  expect(loop.admission.takeShedding()).toEqual({ requests: ranked + shed + refused, shed: shed + refused });
  expect(loop.admission.takeShedding()).toEqual({ requests: 0, shed: 0 });
});

it.each([1, 2, 3])(
  'sees an overload in the first milliseconds, before a long queue has formed: seed %s',
  async (seed) => {
    // An answer without work costs as much as it does before the engine has compiled it.
    const options = { ...DEFAULT_LOOP, transportMs: 0.1, shedMs: 0.3, rankMs: 0.8 };
    const loop = new SimulatedLoop(options, seed);
    loop.load(one, loop.saturation * 0.5, 0, 300);
    loop.load(one, loop.saturation * 2, 300, 500);
    let most = 0;
    for (let ms = 0; ms < 500; ms++) {
      loop.at(ms, () => {
        most = Math.max(most, loop.admission.queue.length);
      });
    }
    await loop.run();
    expect(loop.shedBy['would-wait-too-long']).toBeGreaterThan(0);
    expect(most).toBeLessThan(75);
    expect(Math.max(...loop.latenciesMs)).toBeLessThan(38);
  },
);

it('lets a burst wait, as no more comes', async () => {
  const loop = new SimulatedLoop(DEFAULT_LOOP);
  loop.burst(one, 100, 0);
  await loop.run();
  expect(loop.of(one)).toMatchObject({ ranked: 100, shed: 0 });
});

it('refuses nobody of a small burst, however small the budgets', async () => {
  const loop = new SimulatedLoop({ ...DEFAULT_LOOP, budgetMs: 4, shedMs: 0.5 });
  loop.burst(one, 32, 0);
  await loop.run();
  expect(loop.of(one)).toMatchObject({ refused: 0 });
  expect(Math.max(...loop.latenciesMs)).toBeLessThan(20);
});

it('does as well where answers wait for a store, with dozens under way', async () => {
  const loop = new SimulatedLoop({ ...DEFAULT_LOOP, waitMs: 10 });
  loop.load(one, loop.saturation * 2, 0, SECONDS * 1000);
  let most = 0;
  for (let ms = 0; ms < SECONDS * 1000; ms += 50) {
    loop.at(ms, () => {
      most = Math.max(most, loop.admission.requestsUnderWay);
    });
  }
  await loop.run();
  const late = loop.latenciesMs.filter((ms) => ms > DEFAULT_LOOP.budgetMs).length;
  expect(late / loop.latenciesMs.length).toBeLessThan(0.001);
  expect(loop.of(one).ranked / SECONDS / loop.saturation).toBeGreaterThan(0.65);
  expect(most).toBeGreaterThan(24);
});

describe('where fewer candidates cost less', () => {
  const options = { ...DEFAULT_LOOP, widthShareOfRank: 0.7 };

  it('ranks fewer for more listeners at twice saturation: more answers than could be ranked in full', async () => {
    const loop = new SimulatedLoop(options);
    loop.load(one, loop.saturation * 2, 0, SECONDS * 1000);
    await loop.run();
    const { ranked, refused, leastWidth } = loop.of(one);
    expect(refused).toBe(0);
    expect(leastWidth).toBeLessThan(0.5);
    expect(ranked / SECONDS / loop.saturation).toBeGreaterThan(1);
    expect(loop.latenciesMs.filter((ms) => ms > DEFAULT_LOOP.budgetMs)).toHaveLength(0);
  });

  it('ranks nearly all a little above saturation, and cuts no more than that takes', async () => {
    const loop = new SimulatedLoop(options);
    loop.load(one, loop.saturation * 1.2, 0, SECONDS * 1000);
    await loop.run();
    expect(share(loop, one)).toBeGreaterThan(0.85);
    expect(loop.of(one).leastWidth).toBeGreaterThan(0.2);
  });

  it('ranks in full again two seconds after an overload', async () => {
    const loop = new SimulatedLoop(options);
    const during = loop.of(one);
    loop.load(one, loop.saturation * 2, 0, 3_000);
    loop.load(one, loop.saturation * 0.3, 3_000, 8_000);
    loop.at(5_100, () => {
      during.leastWidth = 1;
    });
    await loop.run();
    expect(during.leastWidth).toBe(1);
  });

  it('ranks in full after a burst, as it was no overload', async () => {
    const loop = new SimulatedLoop({ ...options, budgetMs: 150 });
    loop.burst(one, 300, 0);
    loop.load(one, loop.saturation * 0.3, 500, 2_000);
    await loop.run();
    expect(loop.of(one).shed).toBeGreaterThan(100);
    expect(loop.of(one).leastWidth).toBe(1);
  });

  it('ranks a polite client’s requests in full, however many a greedy one sends', async () => {
    const { polite, greedy } = await politeBesideGreedy(options);
    expect(polite.share).toBeGreaterThan(0.99);
    expect(polite.leastWidth).toBe(1);
    expect(greedy.leastWidth).toBeLessThan(0.5);
  });
});

it('refuses what not even an answer without work can be made for, with a time to try again', async () => {
  const loop = new SimulatedLoop({ ...DEFAULT_LOOP, transportMs: 0.01, shedMs: 0.5 });
  loop.load(one, 5_000, 0, 5_000);
  await loop.run();
  const { shed, refused } = loop.of(one);
  expect(shed).toBeGreaterThan(0);
  expect(refused).toBeGreaterThan(0);
  expect(loop.retryAfterMs).toHaveLength(refused);
  expect(loop.retryAfterMs.every((ms) => ms >= 500 && ms <= 1000)).toBe(true);
  expect(new Set(loop.retryAfterMs).size).toBeGreaterThan(10);
});

it('keeps no more waiting than it may, and ranks all again once the load is back to half', async () => {
  const loop = new SimulatedLoop(DEFAULT_LOOP);
  const before = clientOf('before');
  const after = clientOf('after');
  let most = 0;
  for (let ms = 0; ms < 5_000; ms += 5) {
    loop.at(ms, () => {
      most = Math.max(most, loop.admission.queue.length);
    });
  }
  loop.load(before, loop.saturation * 4, 0, 5_000);
  loop.load(after, loop.saturation / 2, 5_200, 8_000);
  await loop.run();
  expect(most).toBeLessThanOrEqual(WAITING_MAX);
  expect(loop.admission.queue.length).toBe(0);
  expect(share(loop, after)).toBe(1);
});

it('ranks what is interactive before what is standard, and that before batch', async () => {
  const loop = new SimulatedLoop(DEFAULT_LOOP);
  const app = clientOf('app', 'interactive');
  const job = clientOf('job', 'batch');
  loop.load(app, loop.saturation * 0.4, 0, SECONDS * 1000);
  loop.load(one, loop.saturation * 0.5, 0, SECONDS * 1000);
  loop.load(job, loop.saturation * 0.5, 0, SECONDS * 1000);
  await loop.run();
  expect(share(loop, app)).toBeGreaterThan(0.99);
  expect(share(loop, one)).toBeGreaterThan(share(loop, job));
  expect(share(loop, job)).toBeLessThan(0.5);
});

it('ranks a polite client’s requests, however many a greedy one sends', async () => {
  const { polite, greedy } = await politeBesideGreedy(DEFAULT_LOOP);
  expect(polite.share).toBeGreaterThan(0.99);
  expect(greedy.share).toBeLessThan(0.4);
});

it('ranks a polite client’s requests, however many without time a greedy one sends', async () => {
  const loop = new SimulatedLoop(DEFAULT_LOOP);
  const polite = clientOf('polite');
  const greedy = clientOf('greedy');
  loop.load(polite, 30, 0, SECONDS * 1000);
  loop.load(greedy, 3_000, 0, SECONDS * 1000, { budgetMs: 2, shedMs: 1 });
  await loop.run();
  expect(share(loop, polite)).toBeGreaterThan(0.95);
  expect(loop.of(polite).refused).toBe(0);
  expect(loop.of(greedy).refused).toBeGreaterThan(0);
});

it('holds a client to its share of what is under way', async () => {
  const loop = new SimulatedLoop({ ...DEFAULT_LOOP, waitMs: 20 });
  const half = clientOf('half', 'standard', 0.5);
  loop.load(half, loop.saturation * 2, 0, SECONDS * 1000);
  let over = 0;
  for (let ms = 500; ms < SECONDS * 1000; ms += 7) {
    loop.at(ms, () => {
      if (loop.admission.requestsUnderWay > Math.max(1, loop.admission.concurrencyLimit / 2)) over++;
    });
  }
  await loop.run();
  expect(loop.of(half).ranked).toBeGreaterThan(0);
  // Only while the limit falls may more be under way than half of it.
  expect(over / (SECONDS * 140)).toBeLessThan(0.3);
});

it('shows a stall as what it is, and is itself again within a second', async () => {
  const loop = new SimulatedLoop({ ...DEFAULT_LOOP, waitMs: 3 });
  const during = clientOf('during');
  const after = clientOf('after');
  loop.load(one, loop.saturation * 0.3, 0, 2_000);
  loop.load(during, loop.saturation * 0.3, 2_000, 6_000);
  loop.load(after, loop.saturation * 0.3, 7_000, 10_000);
  loop.at(2_000, () => {
    loop.isStalled = true;
  });
  loop.at(6_000, () => {
    loop.isStalled = false;
  });
  await loop.run();
  const { gaveUp, shed, refused } = loop.of(during);
  expect(refused).toBe(0);
  expect(gaveUp).toBeGreaterThan(shed * 4);
  expect(share(loop, after)).toBe(1);
});

it('answers a budget below the floor at once, without work', async () => {
  const loop = new SimulatedLoop({ ...DEFAULT_LOOP, budgetMs: 2 });
  loop.load(one, 10, 0, 5_000);
  await loop.run();
  expect(loop.of(one).ranked).toBe(0);
  expect(loop.shedBy).toEqual({ 'budget-below-floor': loop.of(one).shed });
});

it('drops whose client has gone while it waited, without work', async () => {
  const loop = new SimulatedLoop(DEFAULT_LOOP);
  const gone = new AbortController();
  gone.abort();
  let runs = 0;
  const answer = loop.admission.admit({
    client: one,
    arrival: { receivedAtMs: 0, cameAtMs: 0 },
    deadlineMs: 100,
    signal: gone.signal,
    gaveUp: () => false,
    run: () => Promise.resolve('ranked' as const).finally(() => runs++),
  });
  await expect(answer).rejects.toMatchObject({ code: 'SEGUE_DEADLINE_EXCEEDED' });
  expect(runs).toBe(0);
});

it('passes failures on, and goes on after them', async () => {
  const loop = new SimulatedLoop(DEFAULT_LOOP);
  const work = {
    client: one,
    arrival: { receivedAtMs: 0, cameAtMs: 0 },
    deadlineMs: 100,
    signal: new AbortController().signal,
    gaveUp: () => false,
  };
  await expect(loop.admission.admit({ ...work, run: () => Promise.reject(new Error('broken')) })).rejects.toThrow(
    'broken',
  );
  await expect(loop.admission.admit({ ...work, run: () => Promise.resolve('ranked' as const) })).resolves.toBe(
    'ranked',
  );
  expect(loop.admission.requestsUnderWay).toBe(0);
});
