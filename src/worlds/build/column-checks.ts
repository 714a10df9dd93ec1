/** What makes a value of a raw text column bad, and how it is typed, as SQL over a table whose columns are all text. */
import type { Column } from './columns.js';
import type { Reason } from './problems.js';

export const ID_BYTES_MAX = 64;
const TEXT_BYTES_MAX = 1024;
const CONTROL = '[\\x00-\\x1F\\x7F]';
/** Titles may run over lines. */
const CONTROL_BUT_SPACE = '[\\x00-\\x08\\x0E-\\x1F\\x7F]';
const TIME = `'\\d{4}-\\d{2}-\\d{2}[T ]\\d{2}:\\d{2}(:\\d{2}([.]\\d{1,9})?)?(Z|[+-]\\d{2}(:?\\d{2})?)?'`;

export interface Check {
  readonly reason: Reason;
  /** Holds for a bad row. */
  readonly predicate: string;
  /** Said after the value. */
  readonly rule: string;
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** SQL text literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export function checksOf(column: Column): Check[] {
  const value = quoted(column.name);
  const checks = kindChecks(column, value);
  return column.empty
    ? checks
    : [{ reason: 'missing-value', predicate: `${value} is null`, rule: 'is empty' }, ...checks];
}

function kindChecks(column: Column, value: string): Check[] {
  const { kind } = column;
  switch (kind.of) {
    case 'id':
      return [tooLong(value, ID_BYTES_MAX), control(value)];
    case 'text':
      return [tooLong(value, TEXT_BYTES_MAX), control(value, CONTROL_BUT_SPACE)];
    case 'markets':
      return [
        tooLong(value, TEXT_BYTES_MAX),
        control(value),
        {
          reason: 'bad-value',
          predicate: `not regexp_full_match(${value}, '[^|]+([|][^|]+)*')`,
          rule: 'is no list of markets such as US|DE',
        },
      ];
    case 'time':
      return [
        {
          reason: 'unparsable-time',
          predicate: `not regexp_full_match(${value}, ${TIME}) or (${value} is not null and ${typed(column)} is null)`,
          rule: 'is no ISO 8601 time such as 2014-06-16T02:01:27Z',
        },
      ];
    case 'number':
    case 'whole':
      return [
        {
          reason: 'bad-number',
          predicate: `${value} is not null and not coalesce(isfinite(try_cast(${value} as double))
            and try_cast(${value} as double) between ${kind.least} and ${kind.most}
            ${kind.of === 'whole' ? `and try_cast(${value} as double) = floor(try_cast(${value} as double))` : ''}, false)`,
          rule: `is no ${kind.of === 'whole' ? 'whole number' : 'number'} from ${kind.least} to ${kind.most}`,
        },
      ];
    case 'flag':
      return [
        {
          reason: 'bad-value',
          predicate: `lower(${value}) not in ('0', '1', 'false', 'true')`,
          rule: 'is neither 0 nor 1',
        },
      ];
    case 'choice':
      return [
        {
          reason: 'bad-value',
          predicate: `${value} not in (${kind.allowed.map(literal).join(', ')})`,
          rule: `is not one of ${kind.allowed.join(', ')}`,
        },
      ];
  }
}

function tooLong(value: string, most: number): Check {
  return { reason: 'too-long', predicate: `strlen(${value}) > ${most}`, rule: `is longer than ${most} bytes` };
}

function control(value: string, characters = CONTROL): Check {
  return {
    reason: 'control-character',
    predicate: `regexp_matches(${value}, ${literal(characters)})`,
    rule: 'has a control character',
  };
}

/** The type a column has in the checked Parquet file. */
export function typeOf(column: Column): string {
  switch (column.kind.of) {
    case 'time':
      return 'timestamp';
    case 'number':
      return 'double';
    case 'whole':
      return column.name === 'seq' || column.name === 'played_ms' ? 'bigint' : 'integer';
    case 'flag':
      return 'integer';
    default:
      return 'varchar';
  }
}

/** SQL that makes the typed value of a checked raw one; times without a zone are UTC. */
export function typed(column: Column): string {
  const value = quoted(column.name);
  switch (column.kind.of) {
    case 'time':
      return `try_cast(case when regexp_matches(${value}, '(Z|[+-]\\d{2}(:?\\d{2})?)$')
        then ${value} else ${value} || 'Z' end as timestamptz) at time zone 'UTC'`;
    case 'number':
      return `try_cast(${value} as double)`;
    case 'whole':
      return `cast(try_cast(${value} as double) as ${typeOf(column)})`;
    case 'flag':
      return `case lower(${value}) when '1' then 1 when 'true' then 1 when '0' then 0 when 'false' then 0 end`;
    case 'text':
      return `coalesce(${value}, '')`;
    default:
      return value;
  }
}
