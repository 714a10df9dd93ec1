/** Writes training examples to Parquet: one row a candidate, the rows of a group one after another. */
import {
  BIGINT,
  DuckDBDataChunk,
  DuckDBInstance,
  FLOAT,
  type DuckDBAppender,
  type DuckDBConnection,
} from '@duckdb/node-api';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** DuckDB spills to disk beyond this. */
const MEMORY_MAX = '512MB';
const THREADS = '2';
/** What a data chunk holds. */
const CHUNK_ROWS = 2_048;
/** Rows between two flushes of the appender. */
const FLUSH_ROWS = 65_536;

export const EXAMPLES_FILE = 'examples.parquet';

/** What became of a started track; NaN where not known. */
export interface Outcomes {
  readonly complete: number;
  readonly skip: number;
  readonly save: number;
}

const UNKNOWN: Outcomes = { complete: NaN, skip: NaN, save: NaN };

/** Rows arrive by listener and leave by time: `finish` sorts them by group. */
export class ExamplesFile {
  private readonly columns: number[][];
  private readonly chunk: DuckDBDataChunk;
  private rows = 0;
  private unflushed = 0;

  private constructor(
    private readonly directory: string,
    private readonly database: DuckDBInstance,
    private readonly connection: DuckDBConnection,
    private readonly appender: DuckDBAppender,
    private readonly features: readonly string[],
  ) {
    const types = [BIGINT, FLOAT, FLOAT, FLOAT, FLOAT, ...features.map(() => FLOAT)];
    this.chunk = DuckDBDataChunk.create(types);
    this.columns = types.map(() => []);
  }

  static async create(directory: string, features: readonly string[]): Promise<ExamplesFile> {
    const scratch = join(directory, SCRATCH);
    await rm(scratch, { force: true });
    const database = await DuckDBInstance.create(scratch, { threads: THREADS, memory_limit: MEMORY_MAX });
    const connection = await database.connect();
    const columns = ['label', 'y_complete', 'y_skip', 'y_save', ...features].map((name) => `"${name}" FLOAT`);
    await connection.run(`CREATE TABLE examples (group_id BIGINT, ${columns.join(', ')})`);
    return new ExamplesFile(directory, database, connection, await connection.createAppender('examples'), features);
  }

  /**
   * @param groupId rises with time
   * @param matrix row-major, a row a candidate
   * @param positive row of the track that was played
   */
  addGroup(groupId: number, matrix: Float32Array, positive: number, outcomes: Outcomes): void {
    const width = this.features.length;
    const count = matrix.length / width;
    for (let row = 0; row < count; row++) {
      const isPositive = row === positive;
      const { complete, skip, save } = isPositive ? outcomes : UNKNOWN;
      this.columns[0]?.push(groupId);
      this.columns[1]?.push(isPositive ? 1 : 0);
      this.columns[2]?.push(complete);
      this.columns[3]?.push(skip);
      this.columns[4]?.push(save);
      for (let i = 0; i < width; i++) this.columns[5 + i]?.push(matrix[row * width + i] ?? NaN);
      if (++this.rows === CHUNK_ROWS) this.append();
    }
  }

  /** Writes the file, sorted by group, and gives its memory back. */
  async finish(): Promise<void> {
    this.append();
    this.appender.closeSync();
    const file = join(this.directory, EXAMPLES_FILE);
    const named = ['label', 'y_complete', 'y_skip', 'y_save', ...this.features].map((name) => `"${name}"`);
    await this.connection.run(
      `COPY (SELECT group_id, group_id AS seq, ${named.join(', ')} FROM examples ORDER BY group_id, label DESC)
       TO '${`${file}.part`.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd)`,
    );
    await this.close();
    await rename(`${file}.part`, file);
  }

  /** Gives up what was not finished. */
  async close(): Promise<void> {
    this.database.closeSync();
    await rm(join(this.directory, SCRATCH), { force: true });
    await rm(join(this.directory, `${SCRATCH}.wal`), { force: true });
  }

  private append(): void {
    if (this.rows === 0) return;
    const { chunk, columns } = this;
    chunk.reset();
    chunk.rowCount = this.rows;
    columns.forEach((values, i) => {
      chunk.setColumnValues(i, i === 0 ? values.map(BigInt) : values);
      values.length = 0;
    });
    this.appender.appendDataChunk(chunk);
    this.unflushed += this.rows;
    this.rows = 0;
    if (this.unflushed < FLUSH_ROWS) return;
    this.appender.flushSync();
    this.unflushed = 0;
  }
}

const SCRATCH = '.examples.duckdb';
