/** Finds the bad rows of a raw source, and writes the good ones, typed, for dbt to read. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { checksOf, literal, quoted, typed, typeOf, type Check } from './column-checks.js';
import type { Column, SourceColumns } from './columns.js';
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
  await insertBad(connection, bad, raw, [
    ...raw.columns.flatMap((column) => checksOf(column).map((check) => rowCheck(column, check))),
    ...(known === undefined ? [] : [unknownTrack(known)]),
  ]);
  await insertDuplicates(connection, bad, raw, source);
  return problemsOf(connection, bad);
}

interface RowCheck {
  readonly reason: Reason;
  /** SQL that holds for a bad row. */
  readonly predicate: string;
  /** SQL of the value told in place of `%`. */
  readonly value: string;
  readonly text: string;
}

function rowCheck(column: Column, { reason, predicate, rule }: Check): RowCheck {
  return { reason, predicate, value: quoted(column.name), text: `${column.name}: % ${rule}` };
}

function unknownTrack(known: string): RowCheck {
  return {
    reason: 'unknown-track',
    predicate: `track_id not in (select track_id from ${known} where track_id is not null)`,
    value: 'track_id',
    text: 'track_id: % is not among the tracks',
  };
}

/** One pass over all rows: a row is told by the first check that it fails. */
async function insertBad(
  connection: DuckDBConnection,
  bad: string,
  raw: RawSource,
  checks: readonly RowCheck[],
): Promise<void> {
  const failed = checks.map(({ predicate }, index) => `when ${predicate} then ${index}`).join(' ');
  const told = (of: (check: RowCheck) => string): string =>
    `case failed ${checks.map((check, index) => `when ${index} then ${of(check)}`).join(' ')} end`;
  await connection.run(`insert into ${bad}
    select line, ${told(({ reason }) => literal(reason))}, coalesce(${told(({ value }) => value)}, ''),
      ${told(({ text }) => literal(text))}
    from (select *, case ${failed} end as failed from ${raw.table}) where failed is not null`);
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
