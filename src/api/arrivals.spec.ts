import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Arrivals, type Arrival } from './arrivals.js';

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

it('what is read after a turn of work came in the midst of it, one as far as can be told', () => {
  const loop = new StoppedLoop();
  loop.arrivals.next();
  loop.look({ afterMs: 30 });
  expect(loop.arrivals.next()).toMatchObject({ receivedAtMs: 130, cameAtMs: 115 });
});

it('several came one after another, in the order in which they are read', () => {
  const loop = new StoppedLoop();
  loop.arrivals.next();
  loop.look({ afterMs: 30 });
  const first = loop.arrivals.next();
  loop.nowMs += 4;
  const [second, third] = [loop.arrivals.next(), loop.arrivals.next()];
  expect([first, second, third].map(({ cameAtMs }) => cameAtMs)).toEqual([105, 115, 125]);
  expect(third.receivedAtMs).toBe(134);
  // The look began when the first of them was read.
  loop.look({ afterMs: 6 });
  expect(loop.arrivals.next().cameAtMs).toBe(135);
});

it.each([
  ['what a loop was waiting for has', 1],
  ['what is read after a look that found nothing counts as', 0],
])('%s just come', (_, idleMs) => {
  const loop = new StoppedLoop();
  loop.arrivals.next();
  loop.look({ afterMs: 30, idleMs });
  if (idleMs === 0) loop.look({ afterMs: 30 });
  const { receivedAtMs, cameAtMs } = loop.arrivals.next();
  expect(cameAtMs).toBe(receivedAtMs);
});

it('tells of real sockets what waited while the loop was at work', async () => {
  const arrivals = new Arrivals(() => performance.now());
  const came: Arrival[] = [];
  const server = createServer((socket) => {
    socket.on('data', () => {
      came.push(arrivals.next());
      if (came.length !== 1) return;
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
  };
  try {
    send();
    while (came.length < 2) await pause(5);
    send();
    while (came.length < 3) await pause(5);
  } finally {
    client.destroy();
    server.close();
  }
  // The second was sent in the midst of a turn, and the third when there was nothing else to do.
  expect(came[1].cameAtMs).toBeLessThan(came[1].receivedAtMs - 5);
  expect(came[2].cameAtMs).toBe(came[2].receivedAtMs);
});
