/** From plays and tracks to the tables of a world: read, check, run dbt, put in place. */
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { SegueError } from '../../errors.js';
import { checkSource, writeChecked } from './check-source.js';
import { countRows } from './count-rows.js';
import { PLAYS, TRACKS, type SourceColumns } from './columns.js';
import { fingerprintOf } from './fingerprint.js';
import { BUILD_MANIFEST, type BuildManifest } from './manifest.js';
import { intoPlace } from './out-dir.js';
import { refusedRows, refusedSource, type Problems } from './problems.js';
import { findPython } from './python.js';
import { readSource } from './read-source.js';
import { DBT_LOG, runDbt, type DbtProgress } from './run-dbt.js';

export interface BuildOptions {
  /** CSV or Parquet files. */
  readonly plays: string;
  readonly tracks: string;
  readonly out: string;
  /** Only plays at or before this count. */
  readonly asOf?: Date | undefined;
  readonly skipBadRows?: boolean;
  /** Replace `out`. */
  readonly force?: boolean;
  /** Threads of the engine. */
  readonly threads: number;
  /** Of the project, where `pipelines` and `.venv` are. */
  readonly root: string;
  /** A Python with dbt; undefined takes `<root>/.venv`. */
  readonly python?: string | undefined;
  readonly now: () => Date;
  readonly progress: (event: BuildProgress) => void;
}

export type BuildProgress =
  | { readonly of: 'read'; readonly file: string; readonly rows: number; readonly seconds: number }
  | { readonly of: 'skipped'; readonly file: string; readonly problems: Problems }
  | DbtProgress;

/** @throws SegueError when a source is refused, dbt or its environment is missing, or a model or test fails */
export async function buildWorld(options: BuildOptions): Promise<BuildManifest> {
  const python = await findPython(options.root, options.python);
  return intoPlace(options.out, options.force ?? false, async (partial) => {
    const workDir = join(partial, 'work');
    const sourcesDir = join(workDir, 'sources');
    await mkdir(sourcesDir, { recursive: true });
    const checked = await prepareSources(options, workDir, sourcesDir);
    await runModels(options, { python, partial, workDir, sourcesDir });
    const manifest: BuildManifest = {
      format: 1,
      ...checked,
      asOf: options.asOf?.toISOString() ?? null,
      counts: await countRows(partial),
      sources: { plays: basename(options.plays), tracks: basename(options.tracks) },
      createdAt: options.now().toISOString(),
    };
    await rm(workDir, { recursive: true });
    await writeFile(join(partial, BUILD_MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
    return manifest;
  });
}

type Checked = Pick<BuildManifest, 'dataFingerprint' | 'builtThroughMs' | 'window' | 'skipped'>;

async function prepareSources(options: BuildOptions, workDir: string, sourcesDir: string): Promise<Checked> {
  const instance = await DuckDBInstance.create(join(workDir, 'sources.duckdb'), {
    threads: String(options.threads),
    temp_directory: join(workDir, 'spill'),
  });
  const connection = await instance.connect();
  try {
    await connection.run(`set TimeZone = 'UTC'`);
    const tracks = await prepareSource(connection, options, TRACKS, sourcesDir);
    const plays = await prepareSource(connection, options, PLAYS, sourcesDir);
    const bad = [tracks, plays].filter(({ problems }) => problems.rows > 0);
    if (bad.length > 0 && options.skipBadRows !== true) throw refusedRows(bad);
    for (const { file, problems } of bad) options.progress({ of: 'skipped', file, problems });
    for (const { file, rows } of [tracks, plays])
      if (rows === 0) throw refusedSource(file, 'has no rows that can be used');
    return {
      dataFingerprint: await fingerprintOf(connection, options.asOf?.getTime()),
      ...(await windowOf(connection, options.asOf?.getTime())),
      skipped: addUp([tracks.problems, plays.problems]),
    };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function prepareSource(
  connection: DuckDBConnection,
  options: BuildOptions,
  source: SourceColumns,
  sourcesDir: string,
): Promise<{ file: string; rows: number; problems: Problems }> {
  const started = performance.now();
  const path = options[source.name];
  const file = basename(path);
  const raw = await readSource(connection, path, file, source);
  const problems = await checkSource(connection, raw, source, source === PLAYS ? TRACKS.name : undefined);
  const rows = await writeChecked(connection, raw, source, join(sourcesDir, `${source.name}.parquet`));
  if (rows + problems.rows === 0) throw refusedSource(file, 'has a header and no rows');
  options.progress({ of: 'read', file, rows, seconds: (performance.now() - started) / 1000 });
  return { file, rows, problems };
}

function addUp(all: readonly Problems[]): BuildManifest['skipped'] {
  const byReason: Record<string, number> = {};
  for (const problems of all) {
    for (const [reason, count] of Object.entries(problems.byReason)) byReason[reason] = (byReason[reason] ?? 0) + count;
  }
  return { rows: all.reduce((sum, { rows }) => sum + rows, 0), byReason };
}

async function windowOf(
  connection: DuckDBConnection,
  asOfMs: number | undefined,
): Promise<Pick<BuildManifest, 'builtThroughMs' | 'window'>> {
  const found = await connection.runAndReadAll(`select min(epoch_ms(played_at)), max(epoch_ms(played_at)) from plays
    ${asOfMs === undefined ? '' : `where epoch_ms(played_at) <= ${asOfMs}`}`);
  const [firstMs, lastMs] = found.getRows()[0].map(Number);
  return { builtThroughMs: lastMs, window: { firstMs, lastMs } };
}

async function runModels(
  options: BuildOptions,
  dirs: { readonly python: string; readonly partial: string; readonly workDir: string; readonly sourcesDir: string },
): Promise<void> {
  try {
    await runDbt(
      {
        python: dirs.python,
        projectDir: join(options.root, 'pipelines'),
        sourcesDir: dirs.sourcesDir,
        exportDir: dirs.partial,
        workDir: dirs.workDir,
        asOfMs: options.asOf?.getTime(),
        threads: options.threads,
      },
      options.progress,
    );
  } catch (error) {
    if (!(error instanceof SegueError) || error.code !== 'SEGUE_INTERNAL') throw error;
    const log = `${resolve(options.out)}.failed-dbt.log`;
    await copyFile(join(dirs.workDir, DBT_LOG), log).catch(() => undefined);
    throw new SegueError(error.code, `${error.message}\nAll of dbt's log: ${log}`, undefined, { cause: error });
  }
}
