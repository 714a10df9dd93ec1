/** Reads a CSV or Parquet file into a table of raw text: `line` and the columns that Segue knows, empty as null. */
import { open } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Column, SourceColumns } from './columns.js';
import type { UnreadableLine } from './physical-lines.js';
import { refusedSource } from './problems.js';
import { readCsv } from './read-csv.js';
import { readParquet } from './read-parquet.js';

const PARQUET_MAGIC = 'PAR1';

export interface RawSource {
  readonly table: string;
  /** Those of `SourceColumns` that the file has. */
  readonly columns: readonly Column[];
  /** Lines that are no records. */
  readonly unreadable: readonly { readonly line: number; readonly problem: UnreadableLine }[];
}

export interface ReadMeans {
  /** Path of a file that may be written; it is removed. */
  readonly scratch: string;
  readonly signal: AbortSignal;
}

/**
 * @param file name of the file in messages
 * @throws SegueError for a file that is missing, no file, unreadable, empty, or without a required column
 */
export async function readSource(
  connection: DuckDBConnection,
  path: string,
  file: string,
  source: SourceColumns,
  means: ReadMeans,
): Promise<RawSource> {
  return (await isParquet(path, file))
    ? readParquet(connection, path, file, source)
    : readCsv(connection, path, file, source, means);
}

async function isParquet(path: string, file: string): Promise<boolean> {
  try {
    await using handle = await open(path, 'r');
    const stat = await handle.stat();
    if (!stat.isFile()) throw refusedSource(file, 'is not a file');
    if (stat.size === 0) throw refusedSource(file, 'is empty');
    const { buffer } = await handle.read(Buffer.alloc(PARQUET_MAGIC.length), 0, PARQUET_MAGIC.length, 0);
    return buffer.toString('latin1') === PARQUET_MAGIC;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    const reasons: Record<string, string> = {
      ENOENT: 'does not exist',
      EISDIR: 'is not a file',
      EACCES: 'may not be read',
    };
    throw refusedSource(file, reasons[error.code] ?? `cannot be read: ${error.message}`, error);
  }
}

interface SystemError {
  readonly code: string;
  readonly message: string;
}

function isSystemError(error: unknown): error is SystemError {
  return typeof error === 'object' && error !== null && 'syscall' in error && 'code' in error && 'message' in error;
}
