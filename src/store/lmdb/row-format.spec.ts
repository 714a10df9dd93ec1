import fc from 'fast-check';
import { packRow, unpackRow } from './row-format.js';

describe('a row packed into one value', () => {
  it('comes back as it was', () => {
    const column = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' });
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(column, fc.uint8Array({ maxLength: 300 })), { selector: ([name]) => name }),
        (cells) => {
          const row = unpackRow(new Uint8Array(packRow('k', cells)));
          expect([...row].map(([name, value]) => [name, [...value]])).toEqual(
            cells.map(([name, value]) => [name, [...value]]),
          );
        },
      ),
    );
  });

  it('is refused when cut anywhere within a column, or of another format', () => {
    const packed = new Uint8Array(packRow('k', [['x', Uint8Array.of(1, 2, 3)]]));
    for (let length = 2; length < packed.length; length++) {
      expect(() => unpackRow(packed.subarray(0, length))).toThrow('stored row ends at byte');
    }
    expect(() => unpackRow(new Uint8Array())).toThrow('format none');
    expect(() => unpackRow(Uint8Array.of(9))).toThrow('format 9');
  });

  it('is refused when larger than a row may be', () => {
    const value = new Uint8Array(9_000_000);
    const cells = ['p', 'q', 'r', 's'].map((name) => [name, value] as const);
    expect(() => packRow('k', cells)).toThrow('at most');
  });
});
