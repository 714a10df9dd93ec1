/** What scenarios share in one run: how long things take, where files go, and what is measured once for all of them. */
import { rm } from 'node:fs/promises';
import { copyOf, loadDemo, type DemoWorld } from './demo.js';
import type { Durations } from './durations.js';
import { startService, type Service } from '../test/service.js';
import { warmUp } from './load/wrk.js';

export interface ContextOptions {
  readonly durations: Durations;
  /** For files of this run; removed by `close`. */
  readonly workDir: string;
  /** For synthetic worlds, which later runs use again. */
  readonly worldsDir: string;
  readonly progress: (line: string) => void;
}

export class BenchContext {
  readonly durations: Durations;
  readonly workDir: string;
  readonly worldsDir: string;
  readonly progress: (line: string) => void;
  private readonly once = new Map<string, Promise<unknown>>();
  private readonly ends: (() => Promise<void>)[] = [];
  private warm: Promise<Service> | undefined;

  constructor(options: ContextOptions) {
    this.durations = options.durations;
    this.workDir = options.workDir;
    this.worldsDir = options.worldsDir;
    this.progress = options.progress;
  }

  /** What `make` gave the first time it was asked for by that name in this run. */
  shared<T>(name: string, make: () => Promise<T>): Promise<T> {
    const known = this.once.get(name) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const made = make();
    this.once.set(name, made);
    return made;
  }

  demo(): Promise<DemoWorld> {
    return this.shared('demo', () => {
      this.progress('loading the demo world');
      return loadDemo(this.workDir);
    });
  }

  /** The built service over a copy of the demo world, without a cache of slates unless `env` says otherwise. */
  async startSegue(env: Readonly<Record<string, string>> = {}): Promise<Service> {
    const dataDir = await copyOf(await this.demo(), this.workDir);
    return await startService({ SEGUE_CACHE: 'off', SEGUE_DATA_DIR: dataDir, ...env });
  }

  /** The service that scenarios `onWarmSegue` have in common: plain, on the demo world, and warm. */
  warmSegue(): Promise<Service> {
    this.warm ??= this.startWarmSegue();
    return this.warm;
  }

  /** Before a scenario that has the machine for itself. */
  async endWarmSegue(): Promise<void> {
    const service = this.warm;
    this.warm = undefined;
    // Whoever asked for one that could not start was told.
    await service?.then(
      (started) => started.stop(),
      () => undefined,
    );
  }

  /** Called when the run is over. */
  atEnd(end: () => Promise<void>): void {
    this.ends.push(end);
  }

  async close(): Promise<void> {
    await this.endWarmSegue();
    for (const end of this.ends) await end();
    await rm(this.workDir, { recursive: true, force: true });
  }

  private async startWarmSegue(): Promise<Service> {
    const service = await this.startSegue();
    try {
      const { bodiesFile } = await this.demo();
      await warmUp(`${service.url}/v1/recommend`, bodiesFile, this.durations.warmUpS);
      return service;
    } catch (error) {
      await service.stop();
      throw error;
    }
  }
}
