/** Reads plays from CSV or Parquet in the order in which each listener heard them. */
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { open } from 'node:fs/promises';
import { SegueError } from '../errors.js';
import type { Play, PlaysByListener } from './play.js';

/** Plays that are held in memory, about 200 bytes each. */
export const PLAYS_MAX = 10_000_000;
const MEMORY_MAX = '1GB';
const THREADS = '2';

const REQUIRED = ['listener_id', 'track_id', 'played_at'] as const;
const OPTIONAL = ['seq', 'market', 'context_id', 'played_ms', 'outcome', 'saved'] as const;
type Column = (typeof REQUIRED)[number] | (typeof OPTIONAL)[number];

interface Numbered {
  readonly play: Play;
  /** NaN where the file has no such column. */
  readonly seq: number;
  readonly row: number;
}

/**
 * Each listener's plays by `seq` where the file has one, else by time and place in the file.
 *
 * Columns: listener_id, track_id, played_at (ISO 8601, UTC where it names no zone) and, where there, seq, market, context_id,
 * played_ms, outcome (completed, skipped or empty), saved (0 or 1); others are ignored.
 *
 * @throws SegueError SEGUE_INVALID_ARGUMENT that names file, row and column
 */
export async function readPlays(file: string): Promise<PlaysByListener> {
  const database = await DuckDBInstance.create(':memory:', { threads: THREADS, memory_limit: MEMORY_MAX });
  try {
    const connection = await database.connect();
    const source = await sourceOf(file);
    return await ordered(file, rowsOf(file, connection, source));
  } finally {
    database.closeSync();
  }
}

/** The file as DuckDB reads it: Parquet by its magic bytes, everything else is CSV. */
async function sourceOf(file: string): Promise<string> {
  const quoted = `'${file.replaceAll("'", "''")}'`;
  const magic = Buffer.alloc(4);
  try {
    await using handle = await open(file);
    await handle.read(magic, 0, 4, 0);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SegueError('SEGUE_NOT_FOUND', `${file}: cannot be read (${why})`, undefined, { cause: error });
  }
  return magic.toString('latin1') === 'PAR1'
    ? `read_parquet(${quoted})`
    : `read_csv(${quoted}, all_varchar = true, header = true, delim = ',', quote = '"', escape = '"')`;
}

async function ordered(file: string, rows: AsyncIterable<Numbered>): Promise<PlaysByListener> {
  const listeners = new Map<string, Numbered[]>();
  let count = 0;
  for await (const numbered of rows) {
    if (++count > PLAYS_MAX) throw refused(file, `has more than ${PLAYS_MAX} plays`);
    const own = listeners.get(numbered.play.listenerId);
    if (own === undefined) listeners.set(numbered.play.listenerId, [numbered]);
    else own.push(numbered);
  }
  if (count === 0) throw refused(file, 'has no plays');
  const sorted = [...listeners].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(sorted.map(([id, own]) => [id, own.sort(byOrder).map(({ play }) => play)]));
}

function byOrder(a: Numbered, b: Numbered): number {
  if (a.seq !== b.seq && !Number.isNaN(a.seq) && !Number.isNaN(b.seq)) return a.seq - b.seq;
  return a.play.atMs - b.play.atMs || a.row - b.row;
}

async function* rowsOf(file: string, connection: DuckDBConnection, source: string): AsyncGenerator<Numbered> {
  const types = await columnsOf(file, connection, source);
  const selected = [...types].map(([name, type]) =>
    type.startsWith('TIMESTAMP') ? `CAST(epoch_ms("${name}") AS VARCHAR)` : `CAST("${name}" AS VARCHAR)`,
  );
  const isStamp = types.get('played_at')?.startsWith('TIMESTAMP') === true;
  const result = await connection.stream(`SELECT ${selected.join(', ')} FROM ${source}`);
  const columns = [...types.keys()];
  let row = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    const values = new Map(columns.map((name, i) => [name, chunk.getColumnValues(i)]));
    for (let i = 0; i < chunk.rowCount; i++) {
      row++;
      const parser = new RowParser(file, row, (column) => {
        const value = values.get(column)?.[i];
        return typeof value === 'string' ? value : '';
      });
      yield parser.numbered(isStamp, types.has('saved'));
    }
  }
}

/** The columns that are read, with their types. */
async function columnsOf(file: string, connection: DuckDBConnection, source: string): Promise<Map<Column, string>> {
  let described: Map<string, string>;
  try {
    const result = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${source}`);
    described = new Map(result.getRows().map(([name, type]) => [String(name), String(type)]));
  } catch (error) {
    throw refused(file, `is no table (${error instanceof Error ? error.message : String(error)})`);
  }
  for (const name of REQUIRED) {
    if (!described.has(name)) {
      throw refused(file, `has no column ${name}; needed are ${REQUIRED.join(', ')}`, name);
    }
  }
  const wanted: readonly Column[] = [...REQUIRED, ...OPTIONAL];
  return new Map(wanted.flatMap((name) => (described.has(name) ? [[name, described.get(name) ?? '']] : [])));
}

const ISO = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?$/;

class RowParser {
  constructor(
    private readonly file: string,
    private readonly row: number,
    private readonly cell: (column: Column) => string,
  ) {}

  numbered(isStamp: boolean, hasSaved: boolean): Numbered {
    const saved = this.number('saved', 0, 1);
    return {
      row: this.row,
      seq: this.number('seq', -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
      play: {
        listenerId: this.id('listener_id'),
        trackId: this.id('track_id'),
        atMs: isStamp ? Number(this.cell('played_at')) : this.time(),
        market: this.cell('market'),
        contextId: this.cell('context_id'),
        playedMs: this.number('played_ms', 0, 4_294_967_295),
        outcome: this.outcome(),
        saved: hasSaved ? saved === 1 : undefined,
      },
    };
  }

  private id(column: 'listener_id' | 'track_id'): string {
    const value = this.cell(column);
    if (value === '') throw this.bad(column, value, 'a non-empty id');
    return value;
  }

  private time(): number {
    const text = this.cell('played_at');
    const hasZone = /(Z|[+-]\d{2}:?\d{2})$/.test(text);
    const atMs = ISO.test(text) ? Date.parse(hasZone ? text : `${text}Z`) : NaN;
    if (Number.isNaN(atMs)) throw this.bad('played_at', text, 'a time such as 2026-05-01T12:00:00Z');
    return atMs;
  }

  private number(column: 'seq' | 'played_ms' | 'saved', least: number, most: number): number {
    const text = this.cell(column);
    if (text === '') return NaN;
    const value = text === 'true' ? 1 : text === 'false' ? 0 : Number(text);
    if (!(value >= least && value <= most)) throw this.bad(column, text, `a number from ${least} to ${most}`);
    return value;
  }

  private outcome(): Play['outcome'] {
    const text = this.cell('outcome');
    if (text !== '' && text !== 'completed' && text !== 'skipped') {
      throw this.bad('outcome', text, 'completed, skipped or nothing');
    }
    return text;
  }

  private bad(column: Column, value: string, allowed: string): SegueError {
    return refused(this.file, `row ${this.row}: ${column} is "${value.slice(0, 64)}", allowed is ${allowed}`, column);
  }
}

function refused(file: string, problem: string, column?: string): SegueError {
  return new SegueError('SEGUE_INVALID_ARGUMENT', `${file}: ${problem}`, column);
}
