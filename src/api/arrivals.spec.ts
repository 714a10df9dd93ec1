import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Arrivals } from './arrivals.js';

/** An event loop whose looks and idle time a test sets. */
class StoppedLoop {
  nowMs = 100;
  looked = 1;
  idledMs = 0;
  readonly arrivals = new Arrivals(() => this.nowMs, { looks: () => this.looked, idleMs: () => this.idledMs });

  /** The loop looks at its sockets again. */
  look({ afterMs, idleMs = 0 }: { afterMs: number; idleMs?: number }): void {
    this.nowMs += afterMs;
    this.idledMs += idleMs;
    this.looked++;
  }
}

it('what is read after a turn of work may have come when the turn began', () => {
  const loop = new StoppedLoop();
  expect(loop.arrivals.earliestMs()).toBe(100);
  loop.look({ afterMs: 30 });
  expect(loop.arrivals.earliestMs()).toBe(100);
  loop.look({ afterMs: 5 });
  expect(loop.arrivals.earliestMs()).toBe(130);
});

it('all that is read in one look may have waited alike', () => {
  const loop = new StoppedLoop();
  loop.arrivals.earliestMs();
  loop.look({ afterMs: 30 });
  expect(loop.arrivals.earliestMs()).toBe(100);
  loop.nowMs += 3;
  expect(loop.arrivals.earliestMs()).toBe(100);
  // The look began when the first of it was read.
  loop.look({ afterMs: 5 });
  expect(loop.arrivals.earliestMs()).toBe(130);
});

it('what a loop was waiting for has just come', () => {
  const loop = new StoppedLoop();
  loop.arrivals.earliestMs();
  loop.look({ afterMs: 30, idleMs: 1 });
  expect(loop.arrivals.earliestMs()).toBe(130);
});

it('what is read after a look that found nothing counts as just come', () => {
  const loop = new StoppedLoop();
  loop.arrivals.earliestMs();
  loop.look({ afterMs: 30 });
  loop.look({ afterMs: 30 });
  expect(loop.arrivals.earliestMs()).toBe(160);
});

it('tells of real sockets what waited while the loop was at work', async () => {
  const arrivals = new Arrivals(() => performance.now());
  const sentMs: number[] = [];
  const earliestMs: number[] = [];
  const server = createServer((socket) => {
    socket.on('data', () => {
      earliestMs.push(arrivals.earliestMs());
      if (earliestMs.length !== 1) return;
      send();
      const untilMs = performance.now() + 20;
      while (performance.now() < untilMs);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(client, 'connect');
  const send = (): void => {
    client.write('x');
    sentMs.push(performance.now());
  };
  try {
    send();
    while (earliestMs.length < 2) await pause(5);
    send();
    while (earliestMs.length < 3) await pause(5);
  } finally {
    client.destroy();
    server.close();
  }
  // The second was sent in the midst of a turn, and the third when there was nothing else to do.
  expect(earliestMs[1]).toBeLessThan(sentMs[1]);
  expect(earliestMs[2]).toBeGreaterThan(sentMs[1] + 20);
});
