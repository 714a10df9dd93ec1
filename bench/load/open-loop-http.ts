/**
 * A load at a fixed rate over many keep-alive connections. A request whose connection is not free yet waits, and its wait
 * counts: latency is from the moment it was meant to leave.
 */
import { createHistogram } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerParent } from '../program.js';
import { healingOf } from '../report/healing.js';
import { readAnswer } from './answer-text.js';
import { HttpConnection } from './http-connection.js';
import type { OpenLoopOptions, OpenLoopReport } from './open-loop.js';
import { goAhead } from './priority.js';
import { Recorder } from './recorder.js';
import { requestBytes } from './request-bytes.js';
import { Schedule } from './schedule.js';

const RECONNECT_MS = 20;
/** After so long a request counts as failed, and its connection is given up. */
const ANSWER_WITHIN_MS = 5000;
const SWEEP_MS = 250;
const LOOK_MS = 50;
/** What was meant to leave before that has been answered, or is late. */
const SETTLED_MS = 200;
/**
 * At high rates the generator sleeps so long between two looks at its sockets, whatever arrives meanwhile: woken by each answer it
 * would take a third more of the cores that the service runs on. Answers seem so much slower at most.
 */
const NAP_MS = 1;
/** From this rate on, where each look finds something. */
const NAPS_FROM_RATE = 2000;

/** Never woken: what a nap waits for. */
const NOTHING = new Int32Array(new SharedArrayBuffer(4));

class OpenLoop {
  private readonly schedule: Schedule;
  private readonly recorder: Recorder;
  private readonly lateness = createHistogram({ lowest: 1, highest: 60_000_000, figures: 3 });
  private readonly connections = new Set<HttpConnection>();
  private readonly idle: HttpConnection[] = [];
  /** Requests that left and must leave again: their connection closed before an answer began. */
  private readonly again: number[] = [];
  private readonly bytes: readonly Buffer[];
  private sent = 0;
  private done = 0;
  private resent = 0;
  private startMs = 0;
  private running = true;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: OpenLoopOptions) {
    const { ratePerSecond, seconds, windows, budgetMs, bodies, path } = options;
    this.schedule = new Schedule(ratePerSecond, seconds);
    this.recorder = new Recorder(windows, seconds * 1000, budgetMs);
    this.bytes = bodies.map((body) => requestBytes(path, body));
  }

  async run(tell: (text: string) => void): Promise<OpenLoopReport> {
    for (let i = 0; i < this.options.connections; i++) this.connect();
    const connectUntilMs = performance.now() + ANSWER_WITHIN_MS;
    while (this.idle.length < this.options.connections && performance.now() < connectUntilMs) await sleep(5);
    const cpuBefore = process.cpuUsage();
    this.startMs = performance.now();
    tell('started');
    this.wake();
    if (this.options.ratePerSecond >= NAPS_FROM_RATE) this.napBetweenLooks();
    const sweep = setInterval(() => {
      this.giveUpLate();
    }, SWEEP_MS);
    const { seconds } = this.options;
    const endMs = this.startMs + seconds * 1000 + ANSWER_WITHIN_MS + SWEEP_MS;
    while (this.done < this.schedule.total && performance.now() < endMs) {
      await sleep(LOOK_MS);
      if (this.isWhole()) this.schedule.end();
    }
    clearTimeout(this.timer);
    clearInterval(sweep);
    for (let request = this.sent; request < this.schedule.total; request++) this.fail(request, 'never sent');
    const cpu = process.cpuUsage(cpuBefore);
    this.running = false;
    for (const connection of this.connections) connection.destroy();
    return {
      ratePerSecond: this.options.ratePerSecond,
      seconds,
      cpuMicrosPerRequest: (cpu.user + cpu.system) / this.schedule.total,
      sentLateP50Ms: this.lateness.percentile(50) / 1000,
      sentLateP99Ms: this.lateness.percentile(99) / 1000,
      resent: this.resent,
      windows: this.recorder.reports(),
      series: this.recorder.series(),
    };
  }

  private isWhole(): boolean {
    const { untilWholeFromMs } = this.options;
    if (untilWholeFromMs === undefined) return false;
    const settledMs = performance.now() - this.startMs - SETTLED_MS;
    return Number.isFinite(healingOf(this.recorder.series(), untilWholeFromMs, settledMs).seconds);
  }

  private connect(): void {
    this.connections.add(
      new HttpConnection(this.options.port, {
        idle: (connection) => {
          this.idle.push(connection);
          this.pump();
        },
        answered: (connection, status, bytes, start, end) => {
          this.answered(connection.request, status, bytes, start, end);
        },
        closed: (connection, wasBusy, answerBegan) => {
          this.connections.delete(connection);
          if (wasBusy) this.broken(connection.request, answerBegan);
          if (!this.running) return;
          setTimeout(() => {
            if (this.running) this.connect();
          }, RECONNECT_MS);
        },
      }),
    );
  }

  /** Sends what is due, and again when the next request is. */
  private wake(): void {
    this.pump();
    const { schedule } = this;
    if (schedule.due === schedule.total) return;
    const nextMs = schedule.meantMs(schedule.due) - (performance.now() - this.startMs);
    this.timer = setTimeout(() => {
      this.wake();
    }, nextMs);
  }

  /** Ends with the load. */
  private napBetweenLooks(): void {
    setImmediate(() => {
      if (!this.running) return;
      Atomics.wait(NOTHING, 0, 0, NAP_MS);
      this.napBetweenLooks();
    });
  }

  /** Sends what is due on the connections that are free. */
  private pump(): void {
    if (this.startMs === 0) return;
    const { schedule } = this;
    schedule.advance(performance.now() - this.startMs);
    while (this.again.length > 0 || this.sent < schedule.due) {
      const connection = this.idle.pop();
      if (connection === undefined) return;
      if (!connection.isOpen) continue;
      const again = this.again.pop();
      const request = again ?? this.sent++;
      if (again === undefined) {
        const lateMs = performance.now() - this.startMs - schedule.meantMs(request);
        this.lateness.record(Math.max(1, Math.round(lateMs * 1000)));
      }
      connection.send(request, this.bytes[request % this.bytes.length]);
    }
  }

  private answered(request: number, status: number, bytes: Buffer, start: number, end: number): void {
    if (status !== 200) {
      this.fail(request, `status ${status}`);
      return;
    }
    const meantMs = this.schedule.meantMs(request);
    const { level, isEmpty, reasons } = readAnswer(bytes, start, end);
    this.recorder.answered(meantMs, performance.now() - this.startMs - meantMs, level, isEmpty, reasons);
    this.done++;
  }

  /** As HTTP clients do, what left on a connection that the server was just closing leaves again; it is counted. */
  private broken(request: number, answerBegan: boolean): void {
    const lateMs = performance.now() - this.startMs - this.schedule.meantMs(request);
    if (answerBegan || lateMs > ANSWER_WITHIN_MS || !this.options.resendsWhenClosed) {
      this.fail(request, lateMs > ANSWER_WITHIN_MS ? 'no answer' : 'closed');
      return;
    }
    this.resent++;
    this.again.push(request);
    this.pump();
  }

  private giveUpLate(): void {
    const nowMs = performance.now() - this.startMs;
    for (const connection of this.connections) {
      const { request } = connection;
      if (request >= 0 && nowMs - this.schedule.meantMs(request) > ANSWER_WITHIN_MS) connection.destroy();
    }
  }

  private fail(request: number, what: string): void {
    this.recorder.failed(this.schedule.meantMs(request), what);
    this.done++;
  }
}

goAhead();
answerParent<OpenLoopReport>((options, tell) => new OpenLoop(options).run(tell));
