/** Reads a CSV or Parquet file into a DuckDB table of raw text, `line` and the columns that Segue knows. */
import { open } from 'node:fs/promises';
import { BIGINT, DuckDBDataChunk, VARCHAR, type DuckDBAppender, type DuckDBConnection } from '@duckdb/node-api';
import { SegueError } from '../../errors.js';
import { literal, quoted } from './column-checks.js';
import type { Column, SourceColumns } from './columns.js';
import { CsvRecords, type CsvRecord } from './csv-records.js';
import { physicalLines } from './physical-lines.js';
import { refusedSource } from './problems.js';
import type { UnreadableLine } from './physical-lines.js';

const CHUNK_ROWS = 2048;
const PARQUET_MAGIC = 'PAR1';

export interface RawSource {
  readonly table: string;
  /** Those of `SourceColumns` that the file has. */
  readonly columns: readonly Column[];
  /** Lines that are no records. */
  readonly unreadable: readonly { readonly line: number; readonly problem: UnreadableLine }[];
}

/** Lines that are no records and are remembered with their place; a file with more is refused whatever is skipped. */
const UNREADABLE_MAX = 1_000_000;

/**
 * @param file name of the file in messages
 * @throws SegueError for a file that is missing, no file, unreadable, empty, or without a required column
 */
export async function readSource(
  connection: DuckDBConnection,
  path: string,
  file: string,
  source: SourceColumns,
): Promise<RawSource> {
  return (await isParquet(path, file))
    ? readParquet(connection, path, file, source)
    : readCsv(connection, path, file, source);
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

async function readParquet(
  connection: DuckDBConnection,
  path: string,
  file: string,
  source: SourceColumns,
): Promise<RawSource> {
  const table = `raw_${source.name}`;
  const read = `read_parquet(${literal(path)}, file_row_number = true)`;
  try {
    const described = await connection.runAndReadAll(`describe select * from read_parquet(${literal(path)})`);
    const names = described.getRowObjects().map((row) => String(row.column_name));
    const columns = knownColumns(names, file, source);
    const texts = columns.map(({ name }) => `nullif(cast(${quoted(name)} as varchar), '') as ${quoted(name)}`);
    await connection.run(
      `create table ${table} as select file_row_number + 1 as line, ${texts.join(', ')} from ${read} order by line`,
    );
    return { table, columns, unreadable: [] };
  } catch (error) {
    if (error instanceof SegueError) throw error;
    throw refusedSource(
      file,
      `is no readable Parquet file: ${error instanceof Error ? error.message : String(error)}`,
      error,
    );
  }
}

async function readCsv(
  connection: DuckDBConnection,
  path: string,
  file: string,
  source: SourceColumns,
): Promise<RawSource> {
  const unreadable: { line: number; problem: UnreadableLine }[] = [];
  let table: RawTable | undefined;
  const pending: CsvRecord[] = [];
  const records = new CsvRecords((record) => pending.push(record));
  const take = async (): Promise<void> => {
    for (const record of pending) {
      if ('unreadable' in record) {
        if (table === undefined)
          throw refusedSource(`${file}:${record.line}`, `the header line ${record.unreadable.text}`);
        if (unreadable.length === UNREADABLE_MAX)
          throw refusedSource(file, `more than ${UNREADABLE_MAX} malformed lines`);
        unreadable.push({ line: record.line, problem: record.unreadable });
      } else if (table === undefined) {
        table = await RawTable.create(connection, record.fields, file, source);
      } else if (record.fields.length !== table.fieldCount) {
        const text = `has ${record.fields.length} fields, the header has ${table.fieldCount}`;
        unreadable.push({ line: record.line, problem: { reason: 'malformed-line', text } });
      } else {
        table.append(record.line, record.fields);
      }
    }
    pending.length = 0;
  };
  for await (const lines of physicalLines(path)) {
    for (const line of lines) records.push(line);
    await take();
  }
  records.end();
  await take();
  if (table === undefined) throw refusedSource(file, 'is empty');
  table.close();
  return { table: table.name, columns: table.columns, unreadable };
}

function knownColumns(names: readonly string[], file: string, source: SourceColumns): Column[] {
  const missing = source.columns.filter((column) => column.required && !names.includes(column.name));
  if (missing.length > 0) {
    const wanted = missing.map(({ name }) => name).join(', ');
    throw refusedSource(
      `${file}:1`,
      `missing ${missing.length === 1 ? 'column' : 'columns'} ${wanted}; it has ${names.join(', ').slice(0, 500)}`,
    );
  }
  const twice = source.columns.find(({ name }) => names.filter((other) => other === name).length > 1);
  if (twice !== undefined) throw refusedSource(`${file}:1`, `column ${twice.name} is there twice`);
  return source.columns.filter(({ name }) => names.includes(name));
}

/** The raw table being filled, a chunk at a time. */
class RawTable {
  readonly #lines: bigint[] = [];
  readonly #values: (string | null)[][];
  readonly #indices: number[];

  private constructor(
    readonly name: string,
    readonly columns: readonly Column[],
    readonly fieldCount: number,
    header: readonly string[],
    private readonly appender: DuckDBAppender,
  ) {
    this.#indices = columns.map((column) => header.indexOf(column.name));
    this.#values = columns.map(() => []);
  }

  static async create(
    connection: DuckDBConnection,
    header: readonly string[],
    file: string,
    source: SourceColumns,
  ): Promise<RawTable> {
    const names = header.map((name) => name.trim());
    const columns = knownColumns(names, file, source);
    const table = `raw_${source.name}`;
    const definitions = columns.map(({ name }) => `${quoted(name)} varchar`);
    await connection.run(`create table ${table} (line bigint, ${definitions.join(', ')})`);
    return new RawTable(table, columns, header.length, names, await connection.createAppender(table));
  }

  append(line: number, fields: readonly string[]): void {
    this.#lines.push(BigInt(line));
    for (let column = 0; column < this.#indices.length; column++) {
      const value = fields[this.#indices[column]];
      this.#values[column].push(value === '' ? null : value);
    }
    if (this.#lines.length === CHUNK_ROWS) this.#flush();
  }

  close(): void {
    this.#flush();
    this.appender.closeSync();
  }

  #flush(): void {
    if (this.#lines.length === 0) return;
    const chunk = DuckDBDataChunk.create([BIGINT, ...this.columns.map(() => VARCHAR)], this.#lines.length);
    chunk.setColumns([this.#lines, ...this.#values]);
    this.appender.appendDataChunk(chunk);
    this.#lines.length = 0;
    for (const values of this.#values) values.length = 0;
  }
}
