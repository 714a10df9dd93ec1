/** Throughput over gRPC: so many requests in flight, each followed by another. */
import { answerParent } from '../program.js';
import { GrpcChannels, grpcMessages, readMessage } from './grpc-client.js';
import type { GrpcLoadOptions, GrpcLoadReport } from './grpc-load.js';

const CHANNELS_MAX = 16;

async function run({ port, bodies, inFlight, seconds }: GrpcLoadOptions): Promise<GrpcLoadReport> {
  const messages = grpcMessages(bodies);
  const channels = new GrpcChannels(port, Math.min(inFlight, CHANNELS_MAX));
  await channels.connected();
  const levels: Record<string, number> = {};
  let next = 0;
  let failed = 0;
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  const untilMs = startMs + seconds * 1000;
  await Promise.all(
    Array.from(
      { length: inFlight },
      () =>
        new Promise<void>((resolve) => {
          const ask = (): void => {
            if (performance.now() >= untilMs) {
              resolve();
              return;
            }
            channels.recommend(messages[next++ % messages.length], (error, bytes) => {
              if (error !== null || bytes === undefined) failed++;
              else {
                const { level } = readMessage(bytes);
                levels[level] = (levels[level] ?? 0) + 1;
              }
              ask();
            });
          };
          ask();
        }),
    ),
  );
  const elapsedMs = performance.now() - startMs;
  const cpu = process.cpuUsage(cpuBefore);
  channels.close();
  return {
    connections: inFlight,
    requests: next,
    requestsPerSecond: ((next - failed) * 1000) / elapsedMs,
    failed,
    levels,
    cpuMicrosPerRequest: (cpu.user + cpu.system) / next,
  };
}

answerParent<GrpcLoadReport>(run);
