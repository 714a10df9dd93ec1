import fc from 'fast-check';
import { fallingOrder } from './falling-order.js';

function stableOrder(scores: Float32Array): number[] {
  return Array.from(scores.keys()).sort((a, b) => (scores[a] === scores[b] ? a - b : scores[b] > scores[a] ? 1 : -1));
}

describe('fallingOrder', () => {
  it('puts the highest first, ties in their order, NaN last', () => {
    const scores = Float32Array.of(1, NaN, 3, -2, 3, 0, -0, -Infinity, Infinity);
    expect(Array.from(fallingOrder(scores))).toEqual([8, 2, 4, 0, 5, 6, 3, 7, 1]);
  });

  it('orders any scores as a stable sort does', () => {
    fc.assert(
      fc.property(fc.float32Array({ maxLength: 300, noNaN: true }), (scores) => {
        expect(Array.from(fallingOrder(scores))).toEqual(stableOrder(scores));
      }),
    );
  });

  it('has room for as many as there are', () => {
    const scores = Float32Array.from({ length: 30_000 }, (_, i) => (i * 7919) % 10_007);
    expect(Array.from(fallingOrder(scores))).toEqual(stableOrder(scores));
    expect(fallingOrder(new Float32Array(0))).toHaveLength(0);
  });

  it('writes where it is told to', () => {
    const into = new Uint32Array(5).fill(9);
    const order = fallingOrder(Float32Array.of(1, 3, 2), into);
    expect([order.buffer, [...into]]).toEqual([into.buffer, [1, 2, 0, 9, 9]]);
    expect(order).toHaveLength(3);
  });
});
