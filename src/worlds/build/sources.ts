/** The two sources, read, checked and written for dbt; nothing of a file with bad rows is used unless they are skipped. */
import { basename, join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { checkSource, writeChecked } from './check-source.js';
import { PLAYS, TRACKS, type SourceColumns } from './columns.js';
import { fingerprintOf } from './fingerprint.js';
import type { BuildManifest } from './manifest.js';
import { refusedRows, refusedSource, type Problems } from './problems.js';
import { readSource } from './read-source.js';

/** The engine spills to disk beyond this. */
const MEMORY_MAX = '2GB';

export interface SourceOptions {
  /** CSV or Parquet files. */
  readonly plays: string;
  readonly tracks: string;
  /** Only plays at or before this count. */
  readonly asOf?: Date | undefined;
  readonly skipBadRows?: boolean;
  /** Threads of the engine. */
  readonly threads: number;
  readonly signal: AbortSignal;
}

export type SourceProgress =
  | { readonly of: 'read'; readonly file: string; readonly rows: number; readonly seconds: number }
  | { readonly of: 'skipped'; readonly file: string; readonly problems: Problems };

export type CheckedSources = Pick<BuildManifest, 'dataFingerprint' | 'builtThroughMs' | 'window' | 'skipped'>;

/**
 * Writes `<sourcesDir>/plays.parquet` and `tracks.parquet`.
 *
 * @param workDir for what the engine spills; the caller removes it
 * @throws SegueError that names file, line and reason
 */
export async function prepareSources(
  options: SourceOptions,
  workDir: string,
  sourcesDir: string,
  progress: (event: SourceProgress) => void,
): Promise<CheckedSources> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(options.threads),
    memory_limit: MEMORY_MAX,
    temp_directory: join(workDir, 'spill'),
  });
  const connection = await instance.connect();
  try {
    await connection.run(`set TimeZone = 'UTC'`);
    const prepare = (source: SourceColumns, known?: string): ReturnType<typeof prepareSource> =>
      prepareSource(connection, {
        path: options[source.name],
        source,
        known,
        sourcesDir,
        progress,
        signal: options.signal,
      });
    // A track that is refused itself is known all the same: its plays are not told as well.
    const known = options.skipBadRows === true ? TRACKS.name : `raw_${TRACKS.name}`;
    const tracks = await prepare(TRACKS);
    const plays = await prepare(PLAYS, known);
    const bad = [tracks, plays].filter(({ problems }) => problems.rows > 0);
    if (bad.length > 0 && options.skipBadRows !== true) throw refusedRows(bad);
    for (const { file, problems } of bad) progress({ of: 'skipped', file, problems });
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

interface SourceToPrepare {
  readonly path: string;
  readonly source: SourceColumns;
  /** Table of the tracks that may be named. */
  readonly known: string | undefined;
  readonly sourcesDir: string;
  readonly progress: (event: SourceProgress) => void;
  readonly signal: AbortSignal;
}

async function prepareSource(
  connection: DuckDBConnection,
  { path, source, known, sourcesDir, progress, signal }: SourceToPrepare,
): Promise<{ file: string; rows: number; problems: Problems }> {
  const started = performance.now();
  const file = basename(path);
  const raw = await readSource(connection, path, file, source, {
    scratch: join(sourcesDir, `${source.name}.raw`),
    signal,
  });
  signal.throwIfAborted();
  const problems = await checkSource(connection, raw, source, known);
  const rows = await writeChecked(connection, raw, source, join(sourcesDir, `${source.name}.parquet`));
  signal.throwIfAborted();
  if (rows + problems.rows === 0) throw refusedSource(file, 'has a header and no rows');
  progress({ of: 'read', file, rows, seconds: (performance.now() - started) / 1000 });
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
