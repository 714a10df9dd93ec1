import { jest } from '@jest/globals';
import { createLog } from '../../log.js';
import { Telemetry } from '../../telemetry.js';
import { ConnectionMetrics } from './connection-metrics.js';

it('counts each closed connection and tells of them in a line for each period', async () => {
  const telemetry = await Telemetry.start({
    process: 0,
    sampleRatio: 0,
    log: createLog('silent', 0),
    random: Math.random,
  });
  jest.useFakeTimers();
  try {
    const lines: object[] = [];
    const metrics = new ConnectionMetrics(telemetry.meter, { warn: (fields: object) => lines.push(fields) } as never);
    metrics.watch('http', () => 7);
    for (let i = 0; i < 1000; i++) metrics.closed(i % 4 === 0 ? 'grpc' : 'http', 'made-room');
    expect(lines).toEqual([{ closed: { 'grpc made-room': 1 }, open: { http: 7 } }]);
    jest.advanceTimersByTime(10_000);
    expect(lines.slice(1)).toEqual([{ closed: { 'grpc made-room': 249, 'http made-room': 750 }, open: { http: 7 } }]);
    jest.advanceTimersByTime(60_000);
    expect(lines).toHaveLength(2);
    metrics.closed('http', 'refused');
    expect(lines).toHaveLength(3);
  } finally {
    jest.useRealTimers();
  }
  const snapshot = JSON.stringify(await telemetry.snapshot());
  expect(snapshot).toContain('segue.connections.closed');
  expect(snapshot).toContain('segue.connections.open');
  await telemetry.close();
});
