/** Runs the dbt project: every model and every test, told as it goes. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { SegueError } from '../../errors.js';
import { missingPython } from './python.js';

const LAST_LINES = 20;
const MESSAGE_MAX = 2000;

export interface DbtRun {
  readonly python: string;
  /** The dbt project. */
  readonly projectDir: string;
  /** Holds `tracks.parquet` and `plays.parquet`. */
  readonly sourcesDir: string;
  readonly exportDir: string;
  /** For spilled rows, dbt's log and what it compiles; the caller removes it. */
  readonly workDir: string;
  readonly asOfMs: number | undefined;
  readonly threads: number;
  /** Ends dbt. */
  readonly signal: AbortSignal;
}

/** A model that is built, and at the end how many tests passed. */
export type DbtProgress =
  | {
      readonly of: 'model';
      readonly name: string;
      readonly seconds: number;
      readonly done: number;
      readonly total: number;
    }
  | { readonly of: 'tested'; readonly passed: number };

/** dbt's log, within `workDir`. */
export const DBT_LOG = join('logs', 'dbt.log');

/**
 * @throws SegueError with dbt's last lines when a model or a test fails, or when there is no dbt
 * @throws the signal's reason
 */
export async function runDbt(run: DbtRun, progress: (event: DbtProgress) => void): Promise<void> {
  const child = spawn(run.python, ['-c', 'from dbt.cli.main import cli; cli()', ...dbtArguments(run)], {
    cwd: run.projectDir,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: run.signal,
  });
  const killed = (): void => {
    child.kill();
  };
  process.once('exit', killed);
  const errors: string[] = [];
  const log = new DbtLog(progress);
  createInterface({ input: child.stdout }).on('line', (line) => {
    log.take(line);
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    errors.push(line);
    if (errors.length > LAST_LINES) errors.shift();
  });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', (error) => {
        if (child.pid === undefined) reject(missingPython(`${run.python} cannot be run`, error));
      });
      child.once('close', resolve);
    });
    run.signal.throwIfAborted();
    if (code === 0) {
      progress({ of: 'tested', passed: log.testsPassed });
      return;
    }
    if (errors.some((line) => line.includes('ModuleNotFoundError'))) throw missingPython(`${run.python} has no dbt`);
    const lines = [...log.lastErrors, ...errors].slice(-LAST_LINES);
    throw new SegueError('SEGUE_INTERNAL', ['dbt failed:', ...lines.map((line) => `  ${line}`)].join('\n'));
  } finally {
    process.removeListener('exit', killed);
  }
}

function dbtArguments(run: DbtRun): string[] {
  const variables = {
    sources_dir: run.sourcesDir,
    export_dir: run.exportDir,
    as_of_ms: run.asOfMs ?? null,
    engine_spill_dir: join(run.workDir, 'spill'),
    engine_threads: run.threads,
  };
  return [
    'build',
    ...['--project-dir', run.projectDir, '--profiles-dir', run.projectDir],
    ...['--target-path', join(run.workDir, 'target'), '--log-path', join(run.workDir, 'logs')],
    ...['--log-format', 'json', '--log-format-file', 'text', '--no-use-colors', '--no-send-anonymous-usage-stats'],
    ...['--no-version-check', '--no-write-json', '--fail-fast', '--vars', JSON.stringify(variables)],
  ];
}

interface DbtEvent {
  readonly info: { readonly name: string; readonly level: string; readonly msg: string };
  readonly data: {
    readonly index?: number;
    readonly total?: number;
    readonly execution_time?: number;
    readonly status?: string;
    readonly node_info?: { readonly node_name: string };
  };
}

/** Reads dbt's JSON log, one event a line: https://docs.getdbt.com/reference/events-logging */
class DbtLog {
  readonly lastErrors: string[] = [];
  testsPassed = 0;

  constructor(private readonly progress: (event: DbtProgress) => void) {}

  take(line: string): void {
    const event = parseEvent(line);
    if (event === undefined) return;
    const { info, data } = event;
    if (info.level === 'error') this.#remember(info.msg);
    if (info.name === 'LogTestResult' && data.status === 'pass') this.testsPassed += 1;
    if (info.name === 'LogModelResult' && data.node_info !== undefined) {
      this.progress({
        of: 'model',
        name: data.node_info.node_name,
        seconds: data.execution_time ?? 0,
        done: data.index ?? 0,
        total: data.total ?? 0,
      });
    }
  }

  #remember(message: string): void {
    const lines = message
      .slice(0, MESSAGE_MAX)
      .split('\n')
      .filter((text) => text.trim() !== '');
    this.lastErrors.push(...lines);
    this.lastErrors.splice(0, this.lastErrors.length - LAST_LINES);
  }
}

function parseEvent(line: string): DbtEvent | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isEvent(value) ? value : undefined;
  } catch {
    // Python's own warnings share the stream.
    return undefined;
  }
}

function isEvent(value: unknown): value is DbtEvent {
  return typeof value === 'object' && value !== null && 'info' in value && 'data' in value;
}
