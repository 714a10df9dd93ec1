/** Reads a Parquet file into a table of raw text. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { SegueError } from '../../errors.js';
import { literal, quoted } from './column-checks.js';
import type { SourceColumns } from './columns.js';
import { knownColumns } from './known-columns.js';
import { refusedSource } from './problems.js';
import type { RawSource } from './read-source.js';

/** `line` counts rows from 1. @throws SegueError when it is no Parquet file, or lacks a required column */
export async function readParquet(
  connection: DuckDBConnection,
  path: string,
  file: string,
  source: SourceColumns,
): Promise<RawSource> {
  const table = `raw_${source.name}`;
  try {
    const described = await connection.runAndReadAll(`describe select * from read_parquet(${literal(path)})`);
    const names = described.getRowObjects().map((row) => String(row.column_name));
    const columns = knownColumns(names, file, source);
    const texts = columns.map(({ name }) => `nullif(cast(${quoted(name)} as varchar), '') as ${quoted(name)}`);
    await connection.run(`create table ${table} as select file_row_number + 1 as line, ${texts.join(', ')}
      from read_parquet(${literal(path)}, file_row_number = true) order by line`);
    return { table, columns, unreadable: [] };
  } catch (error) {
    if (error instanceof SegueError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw refusedSource(file, `is no readable Parquet file: ${why}`, error);
  }
}
