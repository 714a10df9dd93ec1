/** What scenarios share in one run: how long things take, where files go, and what is measured once for all of them. */
import { rm } from 'node:fs/promises';
import { copyOf, loadDemo, type DemoWorld } from './demo.js';
import type { Durations } from './durations.js';
import { startService, type Service } from '../test/service.js';

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

  async close(): Promise<void> {
    await rm(this.workDir, { recursive: true, force: true });
  }
}
