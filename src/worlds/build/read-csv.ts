/** Reads a CSV file into a table of raw text, with the line of each row. */
import { open, rm, type FileHandle } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { literal, quoted } from './column-checks.js';
import type { Column, SourceColumns } from './columns.js';
import { CsvRecords, type CsvRecord } from './csv-records.js';
import { knownColumns } from './known-columns.js';
import { physicalLines, type UnreadableLine } from './physical-lines.js';
import { refusedSource } from './problems.js';
import type { RawSource, ReadMeans } from './read-source.js';

/** Lines that are no records and are remembered with their place; a file with more is refused whatever is skipped. */
const UNREADABLE_MAX = 1_000_000;

/**
 * Records are told apart here, for their lines and for what is wrong with them; the good ones go to the engine as a file
 * of the known columns, which costs it less than taking values one by one.
 *
 * @throws SegueError for a file without a header or a required column
 */
export async function readCsv(
  connection: DuckDBConnection,
  path: string,
  file: string,
  source: SourceColumns,
  { scratch, signal }: ReadMeans,
): Promise<RawSource> {
  await using handle = await open(scratch, 'w');
  const reading = new CsvReading(file, source, handle);
  const pending: CsvRecord[] = [];
  const records = new CsvRecords((record) => pending.push(record));
  const take = async (): Promise<void> => {
    for (const record of pending) reading.take(record);
    pending.length = 0;
    await reading.flush();
  };
  for await (const lines of physicalLines(path)) {
    for (const line of lines) records.push(line);
    await take();
    signal.throwIfAborted();
  }
  records.end();
  await take();
  const columns = reading.columns;
  if (columns === undefined) throw refusedSource(file, 'is empty');
  const table = `raw_${source.name}`;
  const types = ["'line': 'bigint'", ...columns.map(({ name }) => `${literal(name)}: 'varchar'`)];
  const names = ['line', ...columns.map(({ name }) => quoted(name))];
  await connection.run(`create table ${table} as select ${names.join(', ')} from read_csv(${literal(scratch)},
    columns = {${types.join(', ')}}, auto_detect = false, header = false, delim = ',', quote = '"', escape = '"',
    new_line = '\\n', nullstr = '', allow_quoted_nulls = true)`);
  await rm(scratch);
  return { table, columns, unreadable: reading.unreadable };
}

/** The header, then rows into the scratch file or among the unreadable. */
class CsvReading {
  readonly unreadable: { line: number; problem: UnreadableLine }[] = [];
  columns: readonly Column[] | undefined;
  #indices: readonly number[] = [];
  #fieldCount = 0;
  #text = '';

  constructor(
    private readonly file: string,
    private readonly source: SourceColumns,
    private readonly handle: FileHandle,
  ) {}

  take(record: CsvRecord): void {
    if ('unreadable' in record) {
      this.#refuse(record.line, record.unreadable);
    } else if (this.columns === undefined) {
      this.#header(record.fields);
    } else if (record.fields.length !== this.#fieldCount) {
      const text = `has ${record.fields.length} fields, the header has ${this.#fieldCount}`;
      this.#refuse(record.line, { reason: 'malformed-line', text });
    } else {
      this.#row(record.line, record.fields);
    }
  }

  async flush(): Promise<void> {
    await this.handle.write(this.#text);
    this.#text = '';
  }

  #header(fields: readonly string[]): void {
    const names = fields.map((name) => name.trim());
    this.columns = knownColumns(names, this.file, this.source);
    this.#indices = this.columns.map(({ name }) => names.indexOf(name));
    this.#fieldCount = names.length;
  }

  #row(line: number, fields: readonly string[]): void {
    let text = String(line);
    for (const index of this.#indices) {
      const field = fields[index];
      text += needsQuotes(field) ? `,"${field.replaceAll('"', '""')}"` : `,${field}`;
    }
    this.#text += `${text}\n`;
  }

  #refuse(line: number, problem: UnreadableLine): void {
    if (this.columns === undefined) throw refusedSource(`${this.file}:${line}`, `the header line ${problem.text}`);
    if (this.unreadable.length === UNREADABLE_MAX) {
      throw refusedSource(this.file, `has more than ${UNREADABLE_MAX} lines that are no records`);
    }
    this.unreadable.push({ line, problem });
  }
}

function needsQuotes(field: string): boolean {
  return field.includes(',') || field.includes('"') || field.includes('\n') || field.includes('\r');
}
