/** Builds of small sources with the real dbt, for tests. */
import { accessSync, constants } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { BuildManifest } from '../../src/worlds/build/manifest.js';
import { buildWorld, type BuildOptions } from '../../src/worlds/build/build-world.js';
import { parquetName, type BuildFile } from '../../src/worlds/load/build-files.js';

export const ROOT = process.cwd();
const PYTHON = process.env.SEGUE_PYTHON ?? join(ROOT, '.venv/bin/python');

/** dbt alone takes some ten seconds to start. */
export const BUILD_TIMEOUT_MS = 600_000;

/** A suite that runs dbt. Without its environment it is skipped with a line that says so; with CI=true it fails. */
export function describeWithPython(title: string, suite: () => void): void {
  try {
    accessSync(PYTHON, constants.X_OK);
  } catch {
    const line = `${PYTHON} is missing: run \`npm run setup:python\``;
    if (process.env.CI === 'true') {
      describe(title, () => {
        it('needs the Python environment', () => {
          throw new Error(line);
        });
      });
      return;
    }
    process.stderr.write(`skipped "${title}": ${line}\n`);
    describe.skip(title, suite);
    return;
  }
  describe(title, suite);
}

export function temporaryDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'segue-build-'));
}

export async function writeCsv(path: string, header: string, rows: readonly string[]): Promise<string> {
  await writeFile(path, [header, ...rows, ''].join('\n'));
  return path;
}

/** `buildWorld` with what tests do not care for. */
export function build(
  sources: { readonly plays: string; readonly tracks: string; readonly out: string },
  others: Partial<BuildOptions> = {},
): Promise<BuildManifest> {
  return buildWorld({
    threads: 2,
    root: ROOT,
    python: PYTHON,
    signal: new AbortController().signal,
    now: () => new Date('2026-01-01T00:00:00Z'),
    progress: () => undefined,
    ...sources,
    ...others,
  });
}

/** Rows of a built table as objects, bigints as numbers; `order` as in the file. */
export async function readTable(directory: string, table: BuildFile): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  try {
    const result = await connection.runAndReadAll(
      `select * from read_parquet('${join(directory, parquetName(table))}')`,
    );
    return result
      .getRowObjects()
      .map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value]),
        ),
      );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
