/** Which of a file's columns are read. */
import type { Column, SourceColumns } from './columns.js';
import { refusedSource } from './problems.js';

const HEADER_SHOWN_MAX = 500;

/** @throws SegueError for a required column that is missing, or a known one that is there twice */
export function knownColumns(names: readonly string[], file: string, source: SourceColumns): Column[] {
  const missing = source.columns.filter((column) => column.required && !names.includes(column.name));
  if (missing.length > 0) {
    const wanted = missing.map(({ name }) => name).join(', ');
    const header = names.join(', ').slice(0, HEADER_SHOWN_MAX);
    throw refusedSource(
      `${file}:1`,
      `missing ${missing.length === 1 ? 'column' : 'columns'} ${wanted}; it has ${header}`,
    );
  }
  const twice = source.columns.find(({ name }) => names.filter((other) => other === name).length > 1);
  if (twice !== undefined) throw refusedSource(`${file}:1`, `column ${twice.name} is there twice`);
  return source.columns.filter(({ name }) => names.includes(name));
}
