import { ConcurrencyLimit } from './concurrency-limit.js';

/** A process that always has more to do than the limit allows, on a clock of its own. */
class Saturated {
  nowMs = 0;
  busy = 1;
  readonly limit = new ConcurrencyLimit({ nowMs: () => this.nowMs, utilization: () => this.busy });

  /** As many requests at once as allowed, again and again. @param msOf time they take when so many are under way */
  run(forMs: number, msOf: (underWay: number) => number, gaveUp = false): void {
    const untilMs = this.nowMs + forMs;
    while (this.nowMs < untilMs) {
      const started = Array.from({ length: this.limit.current }, () => this.limit.start());
      this.limit.reached();
      this.nowMs += msOf(started.length);
      for (const one of started) this.limit.answered(one, gaveUp);
    }
  }

  /** One request at a time. */
  runAlone(count: number, ms: number): void {
    for (let i = 0; i < count; i++) {
      const started = this.limit.start();
      this.nowMs += ms;
      this.limit.answered(started, false);
    }
  }
}

/** One thread that computes for half a millisecond a request. */
const COMPUTES = (underWay: number): number => 0.5 * underWay;
/** 20 ms of waiting beside half a millisecond of computing: 40 requests keep the thread busy. */
const WAITS = (underWay: number): number => Math.max(20, 0.5 * underWay);

it('settles at a few where requests compute on one thread', () => {
  const process = new Saturated();
  process.runAlone(20, 0.5);
  process.run(20_000, COMPUTES);
  expect(process.limit.current).toBeGreaterThanOrEqual(2);
  expect(process.limit.current).toBeLessThanOrEqual(8);
});

it('settles at dozens where requests wait for something else, and fills the time they wait', () => {
  const process = new Saturated();
  process.runAlone(20, 20);
  process.run(20_000, WAITS);
  const limits: number[] = [];
  for (let i = 0; i < 100; i++) {
    process.run(100, WAITS);
    limits.push(process.limit.current);
  }
  limits.sort((a, b) => a - b);
  expect(limits[50]).toBeGreaterThan(35);
  expect(limits[50]).toBeLessThan(80);
});

it('finds the limit without having seen a request alone first', () => {
  const process = new Saturated();
  process.run(20_000, COMPUTES);
  expect(process.limit.current).toBeLessThanOrEqual(8);
});

it('follows when requests become slower for good, instead of taking it for a queue', () => {
  const process = new Saturated();
  process.runAlone(20, 5);
  process.run(10_000, (underWay) => Math.max(5, 0.5 * underWay));
  expect(process.limit.current).toBeLessThan(40);
  process.run(30_000, (underWay) => Math.max(40, 0.5 * underWay));
  let most = 0;
  for (let i = 0; i < 50; i++) {
    process.run(200, (underWay) => Math.max(40, 0.5 * underWay));
    most = Math.max(most, process.limit.current);
  }
  expect(most).toBeGreaterThan(60);
});

it('does not grow while it is not reached', () => {
  const process = new Saturated();
  const before = process.limit.current;
  process.runAlone(500, 1);
  expect(process.limit.current).toBeLessThanOrEqual(before);
});

it('lets more wait while something behind the service is stalled and the process is idle, and comes back after', () => {
  const process = new Saturated();
  process.runAlone(20, 0.5);
  process.run(5_000, COMPUTES);
  process.busy = 0.1;
  process.run(10_000, () => 48, true);
  expect(process.limit.current).toBeGreaterThan(100);
  process.busy = 1;
  process.run(5_000, COMPUTES);
  expect(process.limit.current).toBeLessThanOrEqual(8);
});

it('is never below two, however long a busy process gives everything up, and grows again after', () => {
  const process = new Saturated();
  process.runAlone(20, 20);
  process.run(60_000, () => 48, true);
  expect(process.limit.current).toBe(2);
  process.run(5_000, WAITS);
  expect(process.limit.current).toBeGreaterThan(20);
});

it('learns nothing from requests that failed', () => {
  const process = new Saturated();
  const before = process.limit.current;
  for (let i = 0; i < 1000; i++) {
    process.limit.start();
    process.limit.reached();
    process.nowMs += 100;
    process.limit.end();
  }
  // A measurement that got no answers is over by then.
  process.nowMs += 300;
  process.limit.reached();
  expect(process.limit.current).toBe(before);
  expect(process.limit.requestsUnderWay).toBe(0);
});
