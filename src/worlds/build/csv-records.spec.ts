import fc from 'fast-check';
import { CsvRecords, type CsvRecord } from './csv-records.js';

function read(lines: readonly string[]): CsvRecord[] {
  const found: CsvRecord[] = [];
  const records = new CsvRecords((record) => found.push(record));
  for (const line of lines) records.push(line);
  records.end();
  return found;
}

const quote = (field: string): string => (/[",\n\r]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);

describe('CSV records', () => {
  it('reads back what RFC 4180 writes, with the line each record starts at', () => {
    const field = fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', '\n', ' ', '\r'), maxLength: 8 });
    const table = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { maxLength: 20 });
    fc.assert(
      fc.property(table, fc.constantFrom('\n', '\r\n'), (rows, newline) => {
        let line = 1;
        const expected = rows.map((fields) => {
          const record = { line, fields };
          line += fields.join('').split('\n').length;
          return record;
        });
        const text = rows.map((fields) => fields.map(quote).join(',') + newline).join('');
        expect(read(text.split('\n'))).toEqual(expected);
      }),
    );
  });

  it('loses only the line of a quote that never closes', () => {
    expect(read(['a,b', 'c,"d', 'e,f', 'g,"h"', 'i,j'])).toEqual([
      { line: 1, fields: ['a', 'b'] },
      { line: 2, unreadable: { reason: 'malformed-line', text: 'text after a closing quote' } },
      { line: 3, fields: ['e', 'f'] },
      { line: 4, fields: ['g', 'h'] },
      { line: 5, fields: ['i', 'j'] },
    ]);
  });

  it('gives up an open quote after a hundred lines, and reads them again', () => {
    const lines = ['c,"d', ...Array.from({ length: 150 }, (_, i) => `e,${i}`)];
    const records = read(lines);
    expect(records[0]).toEqual({
      line: 1,
      unreadable: { reason: 'malformed-line', text: 'a quoted field is never closed' },
    });
    expect(records.slice(1)).toEqual(
      Array.from({ length: 150 }, (_, i) => ({ line: i + 2, fields: ['e', String(i)] })),
    );
  });

  it('loses nothing around a line that is no text', () => {
    const found: CsvRecord[] = [];
    const records = new CsvRecords((record) => found.push(record));
    records.push('a,"b');
    records.push('c,d');
    records.push({ reason: 'not-utf8', text: 'is not UTF-8' });
    records.push('e,f');
    records.end();
    expect(found.map(({ line }) => line)).toEqual([1, 2, 3, 4]);
    expect(found.map((record) => 'fields' in record)).toEqual([false, true, false, true]);
  });
});
