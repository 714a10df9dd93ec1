import { RowMerger } from './row-merger.js';

const bytes = (text: string): Buffer => Buffer.from(text);
const cell = (qualifier: string, value: string) => ({
  familyName: { value: 'c' },
  qualifier: { value: bytes(qualifier) },
  value: bytes(value),
});

function merged(...messages: object[][]): Record<string, Record<string, string>> {
  const rows: Record<string, Record<string, string>> = {};
  const merger = new RowMerger((key, row) => {
    rows[key] = Object.fromEntries([...row].map(([column, value]) => [column, Buffer.from(value).toString()]));
  });
  for (const chunks of messages) merger.add({ chunks });
  merger.end();
  return rows;
}

describe('rows from the chunks of ReadRows', () => {
  const a = { rowKey: bytes('a') };
  const commit = { commitRow: true };

  it('join cells of one row, and rows of one message', () => {
    const chunks = [
      { ...a, ...cell('x', '1') },
      { ...cell('y', '2'), ...commit },
    ];
    expect(merged([...chunks, { rowKey: bytes('b'), ...cell('x', '3'), ...commit }])).toEqual({
      a: { x: '1', y: '2' },
      b: { x: '3' },
    });
  });

  it('join a row that is split over messages at any chunk', () => {
    const chunks = [
      { ...a, ...cell('x', 'one'), valueSize: 9 },
      { value: bytes('two'), valueSize: 9 },
      { value: bytes('end') },
      { ...cell('y', ''), valueSize: 2 },
      { value: bytes('ok'), ...commit },
    ];
    for (let at = 0; at <= chunks.length; at++) {
      expect(merged(chunks.slice(0, at), chunks.slice(at))).toEqual({ a: { x: 'onetwoend', y: 'ok' } });
    }
  });

  it('forget a row that was reset, also within a cell', () => {
    const reset = { resetRow: true };
    expect(merged([{ ...a, ...cell('x', 'old') }, reset, { ...a, ...cell('y', 'new'), ...commit }])).toEqual({
      a: { y: 'new' },
    });
    expect(
      merged([{ ...a, ...cell('x', 'half'), valueSize: 9 }, reset, { ...a, ...cell('x', 'new'), ...commit }]),
    ).toEqual({ a: { x: 'new' } });
  });

  it('take the newest of several versions of a cell, which comes first', () => {
    expect(
      merged([
        { ...a, ...cell('x', 'new') },
        { value: bytes('old'), ...commit },
      ]),
    ).toEqual({ a: { x: 'new' } });
  });

  it('keep values of no bytes', () => {
    expect(merged([{ ...a, ...cell('x', ''), ...commit }])).toEqual({ a: { x: '' } });
  });

  it.each([
    ['an answer that ends within a row', [{ ...a, ...cell('x', '1') }]],
    [
      'a row within a row',
      [
        { ...a, ...cell('x', '1') },
        { rowKey: bytes('b'), ...cell('x', '1'), ...commit },
      ],
    ],
    ['a cell without a row', [{ ...cell('x', '1'), ...commit }]],
    ['a cell without a column', [{ ...a, value: bytes('1'), ...commit }]],
    ['a commit within a cell', [{ ...a, ...cell('x', '1'), valueSize: 9, ...commit }]],
    [
      'a column within a cell',
      [
        { ...a, ...cell('x', '1'), valueSize: 9 },
        { ...cell('y', '1'), ...commit },
      ],
    ],
  ])('refuse %s', (_, chunks) => {
    expect(() => merged(chunks)).toThrow('answer is broken');
  });
});
