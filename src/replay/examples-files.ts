/** Writes training examples to Parquet files: one row a candidate, the rows of a group one after another. */
import {
  BIGINT,
  DuckDBDataChunk,
  DuckDBInstance,
  FLOAT,
  type DuckDBAppender,
  type DuckDBConnection,
} from '@duckdb/node-api';
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

const THREADS = '2';
/** What a data chunk holds. */
const CHUNK_ROWS = 2_048;
/** Rows of one file, which is how many are held in memory: about 200 bytes each. */
const FILE_ROWS = 131_072;

const PART = /^examples-\d+\.parquet(\.part)?$/;

/** What became of a started track; NaN where not known. */
export interface Outcomes {
  readonly complete: number;
  readonly skip: number;
  readonly save: number;
}

const UNKNOWN: Outcomes = { complete: NaN, skip: NaN, save: NaN };

/** Columns before the features: group_id, seq, label and the outcomes. */
const FIRST_FEATURE = 6;

export class ExamplesFiles {
  private readonly columns: number[][];
  private readonly chunk: DuckDBDataChunk;
  private appender: DuckDBAppender | undefined;
  private chunkRows = 0;
  private fileRows = 0;
  private files = 0;

  private constructor(
    private readonly directory: string,
    private readonly database: DuckDBInstance,
    private readonly connection: DuckDBConnection,
    private readonly features: readonly string[],
  ) {
    const types = [BIGINT, BIGINT, FLOAT, FLOAT, FLOAT, FLOAT, ...features.map(() => FLOAT)];
    this.chunk = DuckDBDataChunk.create(types);
    this.columns = types.map(() => []);
  }

  /** Removes what an earlier export left in the directory. */
  static async create(directory: string, features: readonly string[]): Promise<ExamplesFiles> {
    for (const name of await readdir(directory)) if (PART.test(name)) await rm(join(directory, name));
    const database = await DuckDBInstance.create(':memory:', { threads: THREADS });
    return new ExamplesFiles(directory, database, await database.connect(), features);
  }

  /**
   * @param groupId rises with time
   * @param matrix row-major, a row a candidate
   * @param positive row of the track that was played
   */
  async addGroup(groupId: number, matrix: Float32Array, positive: number, outcomes: Outcomes): Promise<void> {
    const width = this.features.length;
    const count = matrix.length / width;
    for (let row = 0; row < count; row++) {
      const isPositive = row === positive;
      const { complete, skip, save } = isPositive ? outcomes : UNKNOWN;
      const at = this.chunkRows;
      [groupId, groupId, isPositive ? 1 : 0, complete, skip, save].forEach((value, i) => {
        this.columns[i][at] = value;
      });
      for (let i = 0; i < width; i++) this.columns[FIRST_FEATURE + i][at] = matrix[row * width + i];
      if (++this.chunkRows === CHUNK_ROWS) await this.append();
    }
  }

  /** Writes what is left and gives the memory back. */
  async finish(): Promise<void> {
    await this.append();
    if (this.fileRows > 0 || this.files === 0) await this.writeFile();
    this.close();
  }

  /** Gives up what was not written. */
  close(): void {
    this.appender?.closeSync();
    this.appender = undefined;
    this.database.closeSync();
  }

  private async append(): Promise<void> {
    if (this.chunkRows === 0) return;
    const { chunk, chunkRows } = this;
    this.appender ??= await this.newTable();
    chunk.reset();
    chunk.rowCount = chunkRows;
    this.columns.forEach((column, i) => {
      const values = chunkRows === CHUNK_ROWS ? column : column.slice(0, chunkRows);
      chunk.setColumnValues(i, i < 2 ? values.map(BigInt) : values);
    });
    this.appender.appendDataChunk(chunk);
    this.fileRows += chunkRows;
    this.chunkRows = 0;
    if (this.fileRows >= FILE_ROWS) await this.writeFile();
  }

  private async newTable(): Promise<DuckDBAppender> {
    const columns = ['label', 'y_complete', 'y_skip', 'y_save', ...this.features].map((name) => `"${name}" FLOAT`);
    await this.connection.run(`CREATE OR REPLACE TABLE examples (group_id BIGINT, seq BIGINT, ${columns.join(', ')})`);
    return this.connection.createAppender('examples');
  }

  private async writeFile(): Promise<void> {
    const appender = this.appender ?? (await this.newTable());
    appender.closeSync();
    this.appender = undefined;
    const file = join(this.directory, `examples-${this.files++}.parquet`);
    await this.connection.run(`COPY examples TO '${`${file}.part`.replaceAll("'", "''")}' (FORMAT parquet)`);
    await this.connection.run('DROP TABLE examples');
    await rename(`${file}.part`, file);
    this.fileRows = 0;
  }
}
