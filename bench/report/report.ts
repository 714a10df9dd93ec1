/** One run: what `--json` writes, and what the other forms are made of. */
import { availableParallelism, cpus, loadavg, release, totalmem, type as osType } from 'node:os';
import type { ScenarioResult } from '../scenario.js';
import type { Ratios } from './ratios.js';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly os: string;
  readonly node: string;
  /** Processes that wanted a core in the minute before the run: others disturb the numbers. */
  readonly loadBefore: number;
  /** Share of the cores' time that processes outside of the bench took; null where the system does not tell. */
  readonly othersShare: number | null;
  readonly startedAt: string;
}

export type ScenarioOutcome = { readonly name: string; readonly title: string; readonly seconds: number } & (
  ({ readonly ok: true } & ScenarioResult) | { readonly ok: false; readonly error: string }
);

export interface Report {
  readonly machine: Machine;
  /** Which durations were used: full, quick or smoke. */
  readonly mode: string;
  readonly scenarios: readonly ScenarioOutcome[];
  readonly ratios: Ratios;
}

/** Without what others took: that is known at the end. */
export function thisMachine(): Omit<Machine, 'othersShare'> {
  return {
    cpu: cpus()[0]?.model.trim() ?? '',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    os: `${osType()} ${release()}`,
    node: process.version,
    loadBefore: loadavg()[0] ?? 0,
    startedAt: new Date().toISOString(),
  };
}
