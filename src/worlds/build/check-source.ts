/** Finds the bad rows of a raw source, and writes the good ones, typed, for dbt to read. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { checksOf, literal, quoted, typed, typeOf } from './column-checks.js';
import type { SourceColumns } from './columns.js';
import { LISTED_PROBLEMS_MAX, REASONS, shown, type Problem, type Problems, type Reason } from './problems.js';
import type { RawSource } from './read-source.js';

/**
 * Bad rows of a source go to the table `bad_<source>` (line, reason, text); later checks see the rows that passed the
 * earlier ones, so that one bad row is told once.
 *
 * @param known table of checked tracks that plays may name; undefined for tracks themselves
 */
export async function checkSource(
  connection: DuckDBConnection,
  raw: RawSource,
  source: SourceColumns,
  known?: string,
): Promise<Problems> {
  const bad = `bad_${source.name}`;
  await connection.run(`create table ${bad} (line bigint, reason varchar, value varchar, text varchar)`);
  if (raw.unreadable.length > 0) {
    const appender = await connection.createAppender(bad);
    for (const { line, problem } of raw.unreadable) {
      appender.appendBigInt(BigInt(line));
      appender.appendVarchar(problem.reason);
      appender.appendNull();
      appender.appendVarchar(problem.text);
      appender.endRow();
    }
    appender.closeSync();
  }
  for (const column of raw.columns) {
    for (const { reason, predicate, rule } of checksOf(column)) {
      await insertBad(connection, bad, {
        reason,
        value: quoted(column.name),
        text: `${column.name}: % ${rule}`,
        from: `${raw.table} where (${predicate})`,
      });
    }
  }
  if (known !== undefined) {
    await insertBad(connection, bad, {
      reason: 'unknown-track',
      value: 'track_id',
      text: 'track_id: % is not among the tracks',
      from: `${raw.table} as raw where not exists (select * from ${known} as known where known.track_id = raw.track_id)`,
    });
  }
  await insertDuplicates(connection, bad, raw, source);
  return problemsOf(connection, bad);
}

interface BadRows {
  readonly reason: Reason;
  /** SQL of the value told in place of `%`. */
  readonly value: string;
  readonly text: string;
  readonly from: string;
}

async function insertBad(connection: DuckDBConnection, bad: string, rows: BadRows): Promise<void> {
  await connection.run(`insert into ${bad}
    select line, ${literal(rows.reason)}, coalesce(${rows.value}, ''), ${literal(rows.text)} from ${rows.from}
      and line not in (select line from ${bad})`);
}

/** The first row of a key stays, those after it are bad. */
async function insertDuplicates(
  connection: DuckDBConnection,
  bad: string,
  raw: RawSource,
  source: SourceColumns,
): Promise<void> {
  const names = raw.columns.map(({ name }) => name);
  if (!source.key.every((name) => names.includes(name))) return;
  const key = source.key.map((name) => {
    const column = raw.columns.find((candidate) => candidate.name === name);
    return column === undefined ? quoted(name) : typed(column);
  });
  await connection.run(`insert into ${bad}
    select line, 'duplicate-key', ${source.key.map((name) => quoted(name)).join(` || ', ' || `)},
      ${literal(`(${source.key.join(', ')}): % is there already, in line `)} || first_line
    from (
      select *, min(line) over (partition by ${key.join(', ')}) as first_line
      from ${raw.table} where line not in (select line from ${bad})
    ) where line > first_line`);
}

async function problemsOf(connection: DuckDBConnection, bad: string): Promise<Problems> {
  const counts = await connection.runAndReadAll(
    `select reason, count(*) as n from ${bad} group by reason order by n desc, reason`,
  );
  const byReason = Object.fromEntries(counts.getRows().map(([reason, n]) => [String(reason), Number(n)]));
  const listed = await connection.runAndReadAll(
    `select line, reason, value, text from ${bad} order by line limit ${LISTED_PROBLEMS_MAX}`,
  );
  const first = listed.getRows().flatMap(([line, name, value, text]): Problem[] => {
    const reason = REASONS.find((candidate) => candidate === name);
    if (reason === undefined) return [];
    const told = value === null ? String(text) : String(text).replace('%', () => shown(String(value)));
    return [{ line: Number(line), reason, text: told }];
  });
  return { first, byReason, rows: Object.values(byReason).reduce((sum, n) => sum + n, 0) };
}

/**
 * Writes the good rows to `path` as Parquet, with every column of the source: those the file lacks are null. The view
 * `<source>` reads them.
 *
 * @returns the number of rows
 */
export async function writeChecked(
  connection: DuckDBConnection,
  raw: RawSource,
  source: SourceColumns,
  path: string,
): Promise<number> {
  const columns = source.columns.map((column) => {
    const there = raw.columns.some(({ name }) => name === column.name);
    return `${there ? typed(column) : `cast(null as ${typeOf(column)})`} as ${quoted(column.name)}`;
  });
  await connection.run(`copy (
      select line, ${columns.join(', ')} from ${raw.table}
      where line not in (select line from bad_${source.name}) order by line
    ) to ${literal(path)} (format parquet)`);
  await connection.run(`create view ${source.name} as select * from read_parquet(${literal(path)})`);
  const counted = await connection.runAndReadAll(`select count(*) from ${source.name}`);
  return Number(counted.getRows()[0][0]);
}
