/** The primary of the cluster: starts the serving processes, replaces those that die, and ends them in order. It serves nothing. */
import cluster, { type Worker } from 'node:cluster';
import { placeEnvironment, type Config } from '../config.js';
import type { Log } from '../log.js';
import { Quarantine, type Quarantined } from '../ranking/quarantine.js';
import type { Snapshot } from '../telemetry/snapshot.js';
import { Balance, BALANCE_EVERY_MS } from './balance.js';
import { EARLY_SLOT, isToPrimary, type ToProcess } from './messages.js';
import { MetricsHub, UNASKED } from './metrics-hub.js';
import { Replacements } from './replacements.js';
import { Restarts } from './restarts.js';
import type { Ports } from './servers.js';

/** A process that ended so must not be started again: it would end the same way. */
export const EXIT_HOPELESS = 78;

/** On top of the drain: closing logs, stores and exporters. */
const CLOSE_TIMEOUT_MS = 10_000;
const RESTARTS_PER_MINUTE_PER_PROCESS = 5;
/** A stand-in boots while others serve, perhaps on cores that stuck threads keep busy, and admits its bundles. */
const STAND_IN_READY_MS = 180_000;
const STAND_IN_RETRY_MS = 60_000;

export class Primary {
  private readonly workers = new Map<number, Worker>();
  private readonly balance = new Balance();
  private readonly restarts: Restarts;
  private readonly hub: MetricsHub;
  private readonly quarantine = new Quarantine();
  private readonly replacements: Replacements;
  /** Slots of processes that died and are about to be started again. */
  private readonly restarting = new Set<number>();
  /** Slot of the process that does what one does for all. */
  private housekeeper = 0;
  /** Whether the first process listens and is not ready yet. */
  private isPortEarly = true;
  private restarted = 0;
  private replaced = 0;
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
    this.replacements = new Replacements(
      {
        start: (slot) => this.startStandIn(slot),
        handOver: (slot, standIn) => {
          if (slot === this.housekeeper) this.housekeeper = standIn;
          const worker = this.workers.get(slot);
          if (worker === undefined) return;
          // What it counted until now stays in the sum, though nobody may have asked for it.
          senderOf(worker)({ segue: 'collect', id: UNASKED });
          worker.process.kill('SIGTERM');
        },
        replaced: (slot) => {
          this.replaced++;
          this.log.info({ slot }, 'process was replaced');
        },
        kill: (slot) => {
          this.log.error({ slot }, 'process was not ready, or did not end, in time and is killed');
          this.workers.get(slot)?.process.kill('SIGKILL');
        },
      },
      {
        readyMs: STAND_IN_READY_MS,
        endMs: config.drainTimeoutMs + CLOSE_TIMEOUT_MS,
        retryMs: STAND_IN_RETRY_MS,
      },
    );
  }

  start(): void {
    // Node's own way, one connection a turn of each process's event loop and a message for each, takes a flood in too slowly.
    cluster.schedulingPolicy = cluster.SCHED_NONE;
    setInterval(() => {
      this.keepBalance();
    }, BALANCE_EVERY_MS).unref();
    for (let slot = 0; slot < this.config.processes; slot++) this.fork(slot, false, slot === this.housekeeper);
  }

  /** Ends all processes, each after it has drained, and then this one. */
  drain(exitCode: number): void {
    this.exitCode ||= exitCode;
    if (this.draining) return;
    this.draining = true;
    this.replacements.close();
    for (const worker of this.workers.values()) worker.process.kill('SIGTERM');
    const timer = setTimeout(() => {
      this.log.error({ slots: [...this.workers.keys()] }, 'processes did not end in time and are killed');
      this.exitCode ||= 1;
      for (const worker of this.workers.values()) worker.process.kill('SIGKILL');
    }, this.config.drainTimeoutMs + CLOSE_TIMEOUT_MS);
    timer.unref();
    this.exitWhenAlone();
  }

  private fork(slot: number, isReplacement: boolean, isHousekeeper: boolean): void {
    const worker = cluster.fork(placeEnvironment({ slot, isReplacement, isHousekeeper }));
    this.workers.set(slot, worker);
    senderOf(worker)({ segue: 'quarantined', models: this.quarantine.list() });
    if (!this.isPortEarly) senderOf(worker)({ segue: 'listen' });
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
        if (slot === EARLY_SLOT) this.letListen();
        this.replacements.ready(slot);
        return;
      case 'load':
        this.balance.told(slot, message.load);
        return;
      case 'quarantine':
        this.isolate(slot, message.model);
        return;
      case 'replace':
        this.log.warn({ slot, reason: message.reason }, 'process asks to be replaced');
        this.replacements.ask(slot);
    }
  }

  private keepBalance(): void {
    const lettingGo = this.balance.next();
    const worker = lettingGo === undefined ? undefined : this.workers.get(lettingGo.slot);
    if (lettingGo === undefined || worker === undefined || this.draining) return;
    const { connections } = lettingGo;
    this.log.info(lettingGo, 'a process has more to do than another: clients are told to make other connections');
    senderOf(worker)({ segue: 'let-go', connections });
  }

  private letListen(): void {
    if (!this.isPortEarly) return;
    this.isPortEarly = false;
    for (const worker of this.workers.values()) senderOf(worker)({ segue: 'listen' });
  }

  /** Tells every process of a model that none should open. */
  private isolate(slot: number, model: Quarantined): void {
    if (!this.quarantine.add(model)) return;
    this.log.error({ slot, ...model }, 'a model is in quarantine in all processes');
    for (const worker of this.workers.values())
      senderOf(worker)({ segue: 'quarantined', models: this.quarantine.list() });
  }

  /** In the lowest slot that is free, since the other process still holds its own. */
  private startStandIn(slot: number): number {
    let standIn = 0;
    while (this.workers.has(standIn) || this.restarting.has(standIn)) standIn++;
    this.log.info({ slot, standIn }, 'a process is started to take the place of another');
    this.fork(standIn, true, slot === this.housekeeper);
    return standIn;
  }

  private exited(slot: number, code: number | null, signal: string | null): void {
    this.workers.delete(slot);
    this.hub.gone(slot);
    // What is started in its place does not listen before it is ready.
    if (slot === EARLY_SLOT) this.letListen();
    if (this.draining) {
      // One that was still booting ends by our signal itself.
      if (code !== 0 && signal !== 'SIGTERM') this.exitCode ||= 1;
      this.exitWhenAlone();
      return;
    }
    const ending = this.replacements.exited(slot);
    if (ending === 'replaced') return;
    if (ending === 'stand-in-failed') {
      this.log.error({ slot, code, signal }, 'process did not come to take the place of another; again later');
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
    this.restarting.add(slot);
    setTimeout(() => {
      this.restarting.delete(slot);
      if (!this.draining) this.fork(slot, true, slot === this.housekeeper);
    }, delayMs);
  }

  private exitWhenAlone(): void {
    if (this.workers.size === 0) process.exit(this.exitCode);
  }

  private ownMetrics(): Snapshot {
    const base = { unit: '', points: [] };
    const running = [{ labels: {}, value: this.workers.size }];
    const restarts = [{ labels: {}, value: this.restarted }];
    const replacements = [{ labels: {}, value: this.replaced }];
    return [
      { ...base, name: 'segue.processes', description: 'Serving processes that run.', kind: 'gauge', points: running },
      {
        ...base,
        name: 'segue.process.restarts',
        description: 'Processes that died and were started again.',
        kind: 'counter',
        points: restarts,
      },
      {
        ...base,
        name: 'segue.process.replacements',
        description: 'Processes with stuck threads whose place another took.',
        kind: 'counter',
        points: replacements,
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
