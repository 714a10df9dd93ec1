import protos from '@google-cloud/bigtable-api/build/protos/protos.js';
import fc from 'fast-check';
import { RowMerger } from './row-merger.js';

const { ReadRowsResponse } = protos.google.bigtable.v2;

const bytes = (text: string): Buffer => Buffer.from(text);
const cell = (qualifier: string, value: string) => ({
  familyName: { value: 'c' },
  qualifier: { value: bytes(qualifier) },
  value: bytes(value),
});

const encoded = (chunks: object[]): Buffer => Buffer.from(ReadRowsResponse.encode({ chunks }).finish());

function merged(...messages: object[][]): Record<string, Record<string, string>> {
  const rows: Record<string, Record<string, string>> = {};
  const merger = new RowMerger((key, row) => {
    rows[key] = Object.fromEntries([...row].map(([column, value]) => [column, Buffer.from(value).toString()]));
  });
  for (const chunks of messages) merger.add(encoded(chunks));
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

  const cells = fc.dictionary(
    fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }),
    fc.uint8Array({ maxLength: 40 }),
    {
      maxKeys: 6,
      minKeys: 1,
    },
  );
  const rows = fc.array(cells, { maxLength: 5 });

  it('are those that were sent, however they are cut into chunks and messages', () => {
    fc.assert(
      fc.property(rows, fc.infiniteStream(fc.nat(9)), (sent, cuts) => {
        const cut = (): number => cuts.next().value as number;
        const messages: object[][] = [[]];
        const send = (chunk: object): void => {
          if (cut() < 3) messages.push([]);
          messages.at(-1)?.push(chunk);
        };
        sent.forEach((row, i) => {
          const columns = Object.entries(row);
          columns.forEach(([column, value], c) => {
            const split = Math.min(cut(), value.length);
            const head = {
              qualifier: { value: bytes(column) },
              familyName: { value: 'c' },
              timestampMicros: cut() * 1000,
            };
            const first = { ...head, ...(c === 0 ? { rowKey: bytes(`row ${i}`) } : {}), labels: ['label'] };
            const last = c === columns.length - 1 ? commit : {};
            if (split === 0) send({ ...first, value, ...last });
            else {
              send({ ...first, value: value.subarray(0, split), valueSize: value.length });
              send({ value: value.subarray(split), ...last });
            }
          });
        });
        const received: Record<string, Uint8Array>[] = [];
        const merger = new RowMerger((key, row) => {
          expect(key).toBe(`row ${received.length}`);
          for (const value of row.values()) expect(value.constructor).toBe(Uint8Array);
          received.push(Object.fromEntries([...row].map(([column, value]) => [column, new Uint8Array(value)])));
        });
        for (const chunks of messages) merger.add(encoded(chunks));
        merger.end();
        expect(received).toEqual(sent.map((row) => ({ ...row })));
      }),
    );
  });

  it('are refused when a message is cut off, and never mistaken', () => {
    const message = encoded([
      { ...a, ...cell('x', 'one') },
      { ...cell('y', 'two'), ...commit },
    ]);
    for (let length = 1; length < message.length; length++) {
      const merger = new RowMerger(() => {
        throw new Error('a row of half a message');
      });
      expect(() => {
        merger.add(message.subarray(0, length));
        merger.end();
      }).toThrow('answer is broken');
    }
  });

  it('have memory of their own: the message may be large', () => {
    const message = encoded([
      { ...a, ...cell('x', 'value'), ...commit },
      { rowKey: bytes('b'), ...cell('x', 'v'.repeat(5_000)), ...commit },
    ]);
    const sizes: number[] = [];
    const merger = new RowMerger((_key, row) => sizes.push(row.get('x')?.buffer.byteLength ?? 0));
    merger.add(message);
    expect(sizes).toEqual([5, 5_000]);
  });
});
