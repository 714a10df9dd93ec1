/** Reads the Parquet files of a build, chunk by chunk: memory stays bounded whatever their size. */
import { DuckDBInstance, type DuckDBConnection, type DuckDBDataChunk } from '@duckdb/node-api';
import { join } from 'node:path';
import { BUILD_FILES, parquetName, type BuildFile, type ColumnKind } from './build-files.js';

/** DuckDB spills to disk beyond this. */
const MEMORY_MAX = '1GB';
const THREADS = '2';

/** Some rows of a file, by column. A missing text is '', a missing number NaN. */
export interface Columns {
  readonly rowCount: number;
  text(column: string): readonly string[];
  number(column: string): readonly number[];
}

class ChunkColumns implements Columns {
  private readonly texts = new Map<string, readonly string[]>();
  private readonly numbers = new Map<string, readonly number[]>();

  /** @param before the last text of each column in the rows before these; is moved on */
  constructor(
    columns: readonly (readonly [string, ColumnKind])[],
    readonly rowCount: number,
    valuesOf: (index: number) => readonly unknown[],
    before: Map<string, string>,
  ) {
    columns.forEach(([name, kind], i) => {
      const values = valuesOf(i);
      if (kind === 'number') {
        this.numbers.set(name, values.map(asNumber));
        return;
      }
      let text = before.get(name) ?? '';
      this.texts.set(
        name,
        values.map((value) => (text = typeof value === 'string' ? value : text)),
      );
      before.set(name, text);
    });
  }

  text(column: string): readonly string[] {
    return known(this.texts, column);
  }

  number(column: string): readonly number[] {
    return known(this.numbers, column);
  }
}

/** Texts repeat row after row in sorted files, and each costs a copy and a decoding: one as in the row before comes as NULL. */
function selected([name, kind]: readonly [string, ColumnKind]): string {
  if (kind === 'number') return `CAST("${name}" AS DOUBLE)`;
  const text = `coalesce(CAST("${name}" AS VARCHAR), '')`;
  return `nullif(${text}, lag(${text}) OVER ())`;
}

function asNumber(value: unknown): number {
  return typeof value === 'number' ? value : NaN;
}

function known<T>(columns: ReadonlyMap<string, T>, column: string): T {
  const values = columns.get(column);
  if (values === undefined) throw new RangeError(`column ${column} was not read as that kind`);
  return values;
}

export class ParquetDirectory implements AsyncDisposable {
  private constructor(
    private readonly directory: string,
    private readonly database: DuckDBInstance,
  ) {}

  static async open(directory: string): Promise<ParquetDirectory> {
    const database = await DuckDBInstance.create(':memory:', { threads: THREADS, memory_limit: MEMORY_MAX });
    return new ParquetDirectory(directory, database);
  }

  /** Names of the columns that a file has, and its rows. @throws when it is no Parquet file */
  async describe(file: BuildFile): Promise<{ readonly columns: ReadonlySet<string>; readonly rows: number }> {
    const connection = await this.database.connect();
    try {
      const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${this.source(file)}`);
      const counted = await connection.runAndReadAll(`SELECT CAST(count(*) AS DOUBLE) FROM ${this.source(file)}`);
      const columns = described.getRows().map(([name]) => String(name));
      return { columns: new Set(columns), rows: Number(counted.getRows()[0]?.[0]) };
    } finally {
      connection.closeSync();
    }
  }

  /** The rows of a file, in its order, in chunks of some thousand. */
  async *chunks(file: BuildFile): AsyncGenerator<Columns, void, undefined> {
    const connection = await this.database.connect();
    try {
      yield* this.stream(connection, file);
    } finally {
      connection.closeSync();
    }
  }

  private async *stream(connection: DuckDBConnection, file: BuildFile): AsyncGenerator<Columns, void, undefined> {
    const columns: (readonly [string, ColumnKind])[] = Object.entries(BUILD_FILES[file]);
    const result = await connection.stream(`SELECT ${columns.map(selected).join(', ')} FROM ${this.source(file)}`);
    const before = new Map<string, string>();
    for (;;) {
      const chunk: DuckDBDataChunk | null = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) return;
      yield new ChunkColumns(columns, chunk.rowCount, (i) => chunk.getColumnValues(i), before);
    }
  }

  private source(file: BuildFile): string {
    return `read_parquet('${join(this.directory, parquetName(file)).replaceAll("'", "''")}')`;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.database.closeSync();
    return Promise.resolve();
  }
}
