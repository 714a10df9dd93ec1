import fc from 'fast-check';
import { fallingOrder } from './falling-order.js';

describe('fallingOrder', () => {
  it('puts the highest first, ties in their order, NaN last', () => {
    const scores = Float32Array.of(1, NaN, 3, -2, 3, 0, -0, -Infinity, Infinity);
    expect(Array.from(fallingOrder(scores))).toEqual([8, 2, 4, 0, 5, 6, 3, 7, 1]);
  });

  it('orders any scores as a stable sort does', () => {
    fc.assert(
      fc.property(fc.float32Array({ maxLength: 300, noNaN: true }), (scores) => {
        const expected = Array.from(scores.keys()).sort((a, b) =>
          scores[a] === scores[b] ? a - b : scores[b] > scores[a] ? 1 : -1,
        );
        expect(Array.from(fallingOrder(scores))).toEqual(expected);
      }),
    );
  });
});
