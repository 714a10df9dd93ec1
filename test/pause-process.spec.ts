import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestServer } from './servers.js';
import { describeWithServers, startServer } from './servers.js';

const ROUNDS = 50;
/** A server that still runs answers well within it. */
const SILENT_MS = 5;

describeWithServers('a paused process', ['memcached'], () => {
  let server: TestServer;

  beforeEach(async () => {
    server = await startServer('memcached');
  });

  afterEach(async () => {
    await server.stop();
  });

  it('answers nothing from the moment it is paused, and what it was asked once it goes on', async () => {
    const socket = connect(server.port, '127.0.0.1');
    await once(socket, 'connect');
    // Where the test fails, the server ends before the connection does.
    socket.on('error', () => undefined);
    let answers = 0;
    socket.on('data', () => answers++);
    for (let round = 0; round < ROUNDS; round++) {
      await server.pause();
      socket.write('version\r\n');
      await sleep(SILENT_MS);
      expect(answers).toBe(round);
      const answered = once(socket, 'data');
      server.resume();
      await answered;
    }
    socket.destroy();
  });

  it('that has ended cannot be paused', async () => {
    await server.stop();
    await expect(server.pause()).rejects.toThrow('memcached is not running');
  });
});
