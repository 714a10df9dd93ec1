/** What is wrong with the rows of the sources, and how it is told. */
import { SegueError } from '../../errors.js';

export const REASONS = [
  'malformed-line',
  'not-utf8',
  'missing-value',
  'too-long',
  'control-character',
  'unparsable-time',
  'bad-number',
  'bad-value',
  'duplicate-key',
  'unknown-track',
] as const;

export type Reason = (typeof REASONS)[number];

export interface Problem {
  /** Line of the file; of a Parquet file the row, from 1. */
  readonly line: number;
  readonly reason: Reason;
  /** The sentence after `file:line: `. */
  readonly text: string;
}

export interface Problems {
  /** The first by line. */
  readonly first: readonly Problem[];
  /** Bad rows by the first reason found in each. */
  readonly byReason: Readonly<Partial<Record<Reason, number>>>;
  readonly rows: number;
}

export const LISTED_PROBLEMS_MAX = 20;

/** A source that cannot be read at all, whatever rows are skipped. */
export function refusedSource(file: string, reason: string, cause?: unknown): SegueError {
  return new SegueError('SEGUE_INVALID_ARGUMENT', `${file}: ${reason}`, undefined, { cause });
}

/** The refusal of sources with bad rows: the first twenty, then a count. */
export function refusedRows(found: readonly { readonly file: string; readonly problems: Problems }[]): SegueError {
  const rows = found.reduce((sum, { problems }) => sum + problems.rows, 0);
  const lines = found.flatMap(({ file, problems }) =>
    problems.first.map(({ line, text }) => `${file}:${line}: ${text}`),
  );
  const listed = lines.slice(0, LISTED_PROBLEMS_MAX);
  const counts = found.flatMap(({ file, problems }) => describeCounts(file, problems));
  return new SegueError(
    'SEGUE_INVALID_ARGUMENT',
    [
      `${rows} bad ${rows === 1 ? 'row' : 'rows'}${rows > listed.length ? `, the first ${listed.length}` : ''}:`,
      ...listed.map((line) => `  ${line}`),
      ...(rows > listed.length ? ['All of them:', ...counts.map((count) => `  ${count}`)] : []),
      'Mend them, or build without them: --skip-bad-rows.',
    ].join('\n'),
  );
}

export function describeCounts(file: string, problems: Problems): string[] {
  return Object.entries(problems.byReason).map(([reason, count]) => `${file}: ${count} × ${reason}`);
}

/** A value as it is told: at most 60 characters, control characters escaped. */
export function shown(value: string): string {
  const cut = value.length > 60 ? `${value.slice(0, 60)}…` : value;
  return JSON.stringify(cut);
}
