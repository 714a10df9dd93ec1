import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { createLog } from '../../src/log.js';
import { Telemetry } from '../../src/telemetry.js';

let collector: Server;

beforeAll(async () => {
  collector = createServer((socket) => socket.on('error', () => undefined).resume()).listen(0, '127.0.0.1');
  await once(collector, 'listening');
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
});

afterAll(() => {
  delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
  collector.close();
});

it('a collector that takes everything and answers nothing does not hold up the end', async () => {
  const log = createLog('silent', 0);
  const telemetry = await Telemetry.start({ process: 0, sampleRatio: 1, log, random: Math.random });
  telemetry.unknownIds(1);
  const fromMs = performance.now();
  await telemetry.close();
  expect(performance.now() - fromMs).toBeLessThan(5000);
}, 20_000);
