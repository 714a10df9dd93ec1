import fc from 'fast-check';
import { STRING_BYTES_MAX, StringTableBuilder, stringTable } from './string-table.js';

describe('string table', () => {
  it('finds every string by its number and every number by its string', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ unit: 'grapheme', maxLength: 40 }), { maxLength: 400 }),
        fc.string({ unit: 'grapheme' }),
        (strings, other) => {
          const table = stringTable(strings);
          expect(strings.map((_, i) => table.get(i))).toEqual(strings);
          expect(strings.map((text) => table.indexOf(text))).toEqual(strings.map((_, i) => i));
          expect(table.indexOf(other)).toBe(strings.indexOf(other));
        },
      ),
    );
  });

  it('keeps its slots at most half full', () => {
    const table = stringTable(Array.from({ length: 1_025 }, (_, i) => `t${i}`));
    expect(table.slots.length).toBe(4_096);
    expect(table.slots.filter((slot) => slot !== 0).length).toBe(1_025);
  });

  it('refuses a string that is added twice', () => {
    expect(() => stringTable(['a', 'b', 'a'])).toThrow('"a" occurs twice');
  });

  it('refuses what is too long and does not find it', () => {
    const long = 'ü'.repeat(STRING_BYTES_MAX / 2 + 1);
    expect(() => {
      new StringTableBuilder().add(long);
    }).toThrow(RangeError);
    expect(stringTable(['a']).indexOf(long)).toBe(-1);
    expect(stringTable(['a']).indexOf('x'.repeat(STRING_BYTES_MAX + 1))).toBe(-1);
  });

  it('refuses numbers it does not have', () => {
    const table = stringTable(['a']);
    for (const index of [-1, 1, NaN]) expect(() => table.get(index)).toThrow(RangeError);
  });
});
