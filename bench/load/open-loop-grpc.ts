/** As `open-loop-http.ts`, over gRPC: every request leaves when it is due, as streams of a channel wait for no other. */
import { status } from '@grpc/grpc-js';
import { createHistogram } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerParent } from '../program.js';
import { GrpcChannels, grpcMessages, readMessage } from './grpc-client.js';
import type { OpenLoopOptions, OpenLoopReport } from './open-loop.js';
import { goAhead } from './priority.js';
import { Recorder } from './recorder.js';
import { Schedule } from './schedule.js';

const TICK_MS = 1;
const LAST_ANSWERS_WITHIN_MS = 6000;
const CHANNELS = 16;

async function run(options: OpenLoopOptions, tell: (text: string) => void): Promise<OpenLoopReport> {
  const { port, ratePerSecond, seconds, windows, budgetMs } = options;
  const schedule = new Schedule(ratePerSecond, seconds);
  const recorder = new Recorder(windows, seconds * 1000, budgetMs);
  const lateness = createHistogram({ lowest: 1, highest: 60_000_000, figures: 3 });
  const messages = grpcMessages(options.bodies);
  const channels = new GrpcChannels(port, CHANNELS);
  await channels.connected();
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  tell('started');
  let sent = 0;
  let done = 0;
  const send = (request: number): void => {
    const meantMs = schedule.meantMs(request);
    lateness.record(Math.max(1, Math.round((performance.now() - startMs - meantMs) * 1000)));
    channels.recommend(messages[request % messages.length], (error, bytes) => {
      done++;
      if (error !== null || bytes === undefined) {
        recorder.failed(meantMs, `status ${status[error?.code ?? status.UNKNOWN]}`);
        return;
      }
      const { level, isEmpty, reasons } = readMessage(bytes);
      recorder.answered(meantMs, performance.now() - startMs - meantMs, level, isEmpty, reasons);
    });
  };
  const endMs = startMs + seconds * 1000 + LAST_ANSWERS_WITHIN_MS;
  while (done < schedule.total && performance.now() < endMs) {
    schedule.advance(performance.now() - startMs);
    while (sent < schedule.due) send(sent++);
    await sleep(TICK_MS);
  }
  const cpu = process.cpuUsage(cpuBefore);
  channels.close();
  return {
    ratePerSecond,
    seconds,
    cpuMicrosPerRequest: (cpu.user + cpu.system) / schedule.total,
    sentLateP50Ms: lateness.percentile(50) / 1000,
    sentLateP99Ms: lateness.percentile(99) / 1000,
    resent: 0,
    windows: recorder.reports(),
    series: recorder.series(),
  };
}

goAhead();
answerParent<OpenLoopReport>(run);
