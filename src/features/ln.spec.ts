import fc from 'fast-check';
import { ln } from './ln.js';

describe('ln', () => {
  test('is the logarithm of a float32', () => {
    fc.assert(
      fc.property(fc.float({ min: Math.fround(1e-38), max: Math.fround(3e38), noNaN: true }), (value) => {
        expect(Math.abs(ln(value) - Math.log(value))).toBeLessThan(1e-13 * Math.max(1, Math.abs(Math.log(value))));
      }),
      { numRuns: 2000 },
    );
  });

  test('of other numbers is as near as a float32 is', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 1e38, noNaN: true }), (value) => {
        expect(Math.abs(ln(value) - Math.log(value))).toBeLessThan(1e-7);
      }),
    );
  });

  test.each([0, -0, -1, NaN, Infinity, -Infinity])('of %d is missing', (value) => {
    expect(ln(value)).toBeNaN();
  });

  test.each([5e-324, 1e-40, 2 ** -126, 1, Math.E, 3.4028234663852886e38, 1e200])('of %d', (value) => {
    expect(ln(value)).toBeCloseTo(Math.log(value), 6);
  });
});
