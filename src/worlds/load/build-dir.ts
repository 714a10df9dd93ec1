/** A directory that `segue build` wrote, checked before anything of it is used. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { SegueError } from '../../errors.js';
import { BUILD_FILE_NAMES, BUILD_FILES, parquetName, type BuildFile } from './build-files.js';
import { ParquetDirectory } from './parquet.js';

const FORMAT = 1;

const schema = z.object({
  format: z.literal(FORMAT),
  dataFingerprint: z.string().regex(/^[0-9a-f]{64}$/),
  builtThroughMs: z.int(),
  counts: z.record(z.string(), z.int().nonnegative()),
  createdAt: z.iso.datetime({ offset: true }),
});

export interface Build {
  readonly directory: string;
  readonly dataFingerprint: string;
  readonly builtThroughMs: number;
  readonly createdAtMs: number;
  /** sha256 of build.json, hex. */
  readonly digest: string;
  /** Rows of each file. */
  readonly counts: Readonly<Record<BuildFile, number>>;
}

export function buildRefused(file: string, reason: string): SegueError {
  return new SegueError('SEGUE_INVALID_ARGUMENT', `${file}: ${reason}`, file);
}

/** @throws SegueError SEGUE_INVALID_ARGUMENT that names the file and the reason when the build is incomplete or corrupt */
export async function readBuild(directory: string): Promise<Build> {
  const text = await readText(directory);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw buildRefused('build.json', `is not JSON: ${String(error)}`);
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw buildRefused('build.json', `${issue.path.join('.') || 'the document'}: ${issue.message}`);
  }
  const { dataFingerprint, builtThroughMs, counts, createdAt } = parsed.data;
  return {
    directory,
    dataFingerprint,
    builtThroughMs,
    createdAtMs: Date.parse(createdAt),
    digest: createHash('sha256').update(text).digest('hex'),
    counts: await checkedCounts(directory, counts),
  };
}

async function readText(directory: string): Promise<string> {
  try {
    return await readFile(join(directory, 'build.json'), 'utf8');
  } catch (error) {
    throw buildRefused('build.json', `cannot be read in ${directory}; a build writes it last (${String(error)})`);
  }
}

async function checkedCounts(
  directory: string,
  stated: Readonly<Record<string, number>>,
): Promise<Readonly<Record<BuildFile, number>>> {
  await using parquet = await ParquetDirectory.open(directory);
  const counts: [BuildFile, number][] = [];
  for (const file of BUILD_FILE_NAMES) {
    const name = parquetName(file);
    const expected = stated[file] as number | undefined;
    if (expected === undefined) throw buildRefused('build.json', `counts.${file} is missing`);
    if ((await stat(join(directory, name)).catch(() => undefined)) === undefined)
      throw buildRefused(name, 'is missing');
    const { columns, rows } = await describeOrRefuse(parquet, file);
    const missing = Object.keys(BUILD_FILES[file]).filter((column) => !columns.has(column));
    if (missing.length > 0) throw buildRefused(name, `has no column ${missing.join(', ')}`);
    if (rows !== expected) throw buildRefused(name, `has ${rows} rows, build.json says ${expected}`);
    counts.push([file, rows]);
  }
  return Object.fromEntries(counts) as Record<BuildFile, number>;
}

async function describeOrRefuse(
  parquet: ParquetDirectory,
  file: BuildFile,
): Promise<{ readonly columns: ReadonlySet<string>; readonly rows: number }> {
  try {
    return await parquet.describe(file);
  } catch (error) {
    throw buildRefused(parquetName(file), `cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
