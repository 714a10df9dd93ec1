import fc from 'fast-check';
import { packF32, packI64, packU32, unpackF32, unpackI64, unpackU32 } from './packed.js';

/** The bytes somewhere in a larger message. */
function within(bytes: Uint8Array, offset: number): Uint8Array {
  const message = new Uint8Array(offset + bytes.length + 3).fill(0xaa);
  message.set(bytes, offset);
  return message.subarray(offset, offset + bytes.length);
}

describe('lists of numbers', () => {
  it('come back from any place in a message, and stay as they are while others are unpacked', () => {
    const u32 = fc.array(fc.nat(2 ** 32 - 1), { maxLength: 30 });
    const lists = fc.array(fc.record({ values: u32, offset: fc.nat(8) }), { maxLength: 20 });
    fc.assert(
      fc.property(lists, (all) => {
        const unpacked = all.map(({ values, offset }) => unpackU32(within(packU32(values), offset), 'list'));
        expect(unpacked.map((list) => [...list])).toEqual(all.map(({ values }) => values));
        unpacked.forEach((list) => list.fill(0));
        expect(unpacked.every((list) => list.every((value) => value === 0))).toBe(true);
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.float({ noNaN: true })), fc.array(fc.maxSafeInteger()), fc.nat(8), (f32, i64, offset) => {
        expect([...unpackF32(within(packF32(f32), offset), 'list')]).toEqual(f32);
        expect([...unpackI64(within(packI64(i64), offset), 'list')]).toEqual(i64);
      }),
    );
  });

  it('come back when they are longer than what shares memory', () => {
    const values = Uint32Array.from({ length: 200_000 }, (_, i) => i * 7);
    expect(unpackU32(within(packU32(values), 1), 'list')).toEqual(values);
  });

  it('are refused when a number is cut off', () => {
    expect(() => unpackU32(new Uint8Array(6), 'Pool.ordinals')).toThrow('Pool.ordinals has 6 bytes');
    expect(() => unpackI64(new Uint8Array(12), 'History.last_at_ms')).toThrow('History.last_at_ms has 12 bytes');
  });
});
