/** The primary of the cluster: starts the serving processes, replaces those that die, and ends them in order. It serves nothing. */
import cluster, { type Worker } from 'node:cluster';
import { placeEnvironment, type Config } from '../config.js';
import type { Log } from '../log.js';
import type { Snapshot } from '../telemetry/snapshot.js';
import { isToPrimary, type ToProcess } from './messages.js';
import { MetricsHub } from './metrics-hub.js';
import { Restarts } from './restarts.js';
import type { Ports } from './servers.js';

/** A process that ended so must not be started again: it would end the same way. */
export const EXIT_HOPELESS = 78;

/** On top of the drain: closing logs, stores and exporters. */
const CLOSE_TIMEOUT_MS = 10_000;
const RESTARTS_PER_MINUTE_PER_PROCESS = 5;

export class Primary {
  private readonly workers = new Map<number, Worker>();
  private readonly restarts: Restarts;
  private readonly hub: MetricsHub;
  private restarted = 0;
  private draining = false;
  private exitCode = 0;
  private announced = false;

  constructor(
    private readonly config: Config,
    private readonly log: Log,
    private readonly announce: (ports: Ports) => void,
  ) {
    this.restarts = new Restarts(RESTARTS_PER_MINUTE_PER_PROCESS * config.processes);
    this.hub = new MetricsHub(
      () => new Map([...this.workers].map(([slot, worker]) => [slot, senderOf(worker)])),
      () => this.ownMetrics(),
    );
  }

  start(): void {
    for (let slot = 0; slot < this.config.processes; slot++) this.fork(slot, false);
  }

  /** Ends all processes, each after it has drained, and then this one. */
  drain(exitCode: number): void {
    this.exitCode ||= exitCode;
    if (this.draining) return;
    this.draining = true;
    for (const worker of this.workers.values()) worker.process.kill('SIGTERM');
    const timer = setTimeout(() => {
      this.log.error({ slots: [...this.workers.keys()] }, 'processes did not end in time and are killed');
      this.exitCode ||= 1;
      for (const worker of this.workers.values()) worker.process.kill('SIGKILL');
    }, this.config.drainTimeoutMs + CLOSE_TIMEOUT_MS);
    timer.unref();
    this.exitWhenAlone();
  }

  private fork(slot: number, isReplacement: boolean): void {
    const worker = cluster.fork(placeEnvironment({ slot, isReplacement }));
    this.workers.set(slot, worker);
    worker.on('message', (message: unknown) => {
      this.received(slot, worker, message);
    });
    worker.on('exit', (code: number | null, signal: string | null) => {
      this.exited(slot, code, signal);
    });
    worker.on('error', (error) => {
      this.log.error({ slot, err: error }, 'process cannot be reached');
    });
  }

  private received(slot: number, worker: Worker, message: unknown): void {
    if (!isToPrimary(message)) return;
    switch (message.segue) {
      case 'collected':
        this.hub.received(slot, message.id, message.snapshot);
        return;
      case 'scrape':
        void this.hub.scrape().then((text) => {
          senderOf(worker)({ segue: 'scraped', id: message.id, text });
        });
        return;
      case 'ready':
        if (!this.announced) this.announce(message);
        this.announced = true;
    }
  }

  private exited(slot: number, code: number | null, signal: string | null): void {
    this.workers.delete(slot);
    this.hub.gone(slot);
    if (this.draining) {
      // One that was still booting ends by our signal itself.
      if (code !== 0 && signal !== 'SIGTERM') this.exitCode ||= 1;
      this.exitWhenAlone();
      return;
    }
    if (code === EXIT_HOPELESS) {
      this.drain(EXIT_HOPELESS);
      return;
    }
    const delayMs = this.restarts.delayMs(performance.now());
    if (delayMs === undefined) {
      this.log.fatal({ slot, code, signal }, 'processes die again and again: giving up; their last lines say why');
      this.drain(1);
      return;
    }
    this.log.error({ slot, code, signal, delayMs }, 'process died and is started again');
    this.restarted++;
    setTimeout(() => {
      if (!this.draining) this.fork(slot, true);
    }, delayMs);
  }

  private exitWhenAlone(): void {
    if (this.workers.size === 0) process.exit(this.exitCode);
  }

  private ownMetrics(): Snapshot {
    const base = { unit: '', points: [] };
    const running = [{ labels: {}, value: this.workers.size }];
    const restarts = [{ labels: {}, value: this.restarted }];
    return [
      { ...base, name: 'segue.processes', description: 'Serving processes that run.', kind: 'gauge', points: running },
      {
        ...base,
        name: 'segue.process.restarts',
        description: 'Processes that died and were started again.',
        kind: 'counter',
        points: restarts,
      },
    ];
  }
}

function senderOf(worker: Worker): (message: ToProcess) => void {
  return (message) => {
    // The callback takes the error of a channel that closes meanwhile; whoever waits has a timeout.
    if (worker.isConnected()) worker.send(message, () => undefined);
  };
}
