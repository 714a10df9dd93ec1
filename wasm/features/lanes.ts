/** Four candidates side by side: one lane each. */
import { width } from './layout';

/** Bytes of a row of the matrix. */
const ROW: usize = 4 * width;

/** Four float32 or int32, one from each address. */
export function lanes(a: usize, b: usize, c: usize, d: usize): v128 {
  let all = v128.load_zero<u32>(a);
  all = v128.load_lane<u32>(b, all, 1);
  all = v128.load_lane<u32>(c, all, 2);
  return v128.load_lane<u32>(d, all, 3);
}

/** `value` where the mask is set, NaN elsewhere. */
export function orMissing(value: v128, mask: v128): v128 {
  return v128.bitselect(value, f32x4.splat(NaN), mask);
}

/**
 * Natural logarithm to about 1e-7; NaN for what is not positive or not finite. What is less than the least normal float32 counts
 * as that. By the series of 2 atanh((m - 1) / (m + 1)) for a mantissa m from sqrt(1/2) to sqrt(2) (Abramowitz and Stegun 4.1.27).
 */
export function ln(value: v128): v128 {
  const valid = v128.and(f32x4.gt(value, f32x4.splat(0)), f32x4.lt(value, f32x4.splat(Infinity)));
  const bits = f32x4.pmax(f32x4.splat(1.1754943508222875e-38), value);
  const exponent = i32x4.shr_s(i32x4.sub(bits, i32x4.splat(0x3f3504f3)), 23);
  const off = f32x4.sub(i32x4.sub(bits, i32x4.shl(exponent, 23)), f32x4.splat(1));
  const s = f32x4.div(off, f32x4.add(off, f32x4.splat(2)));
  const z = f32x4.mul(s, s);
  let sum = f32x4.mul(z, f32x4.splat(2.0 / 9.0));
  sum = f32x4.mul(z, f32x4.add(sum, f32x4.splat(2.0 / 7.0)));
  sum = f32x4.mul(z, f32x4.add(sum, f32x4.splat(2.0 / 5.0)));
  sum = f32x4.mul(z, f32x4.add(sum, f32x4.splat(2.0 / 3.0)));
  sum = f32x4.mul(s, f32x4.add(sum, f32x4.splat(2)));
  const whole = f32x4.mul(f32x4.convert_i32x4_s(exponent), f32x4.splat(0.6931471805599453));
  return orMissing(f32x4.add(whole, sum), valid);
}

/** ln(1 + |value|). */
export function lnOfDistance(value: v128): v128 {
  return ln(f32x4.add(f32x4.abs(value), f32x4.splat(1)));
}

/** Writes one feature of the four: `out` is its place in the first row. */
export function put(out: usize, value: v128): void {
  v128.store_lane<u32>(out, value, 0);
  v128.store_lane<u32>(out, value, 1, ROW);
  v128.store_lane<u32>(out, value, 2, 2 * ROW);
  v128.store_lane<u32>(out, value, 3, 3 * ROW);
}

/** A number of the request, in all lanes. */
export function everywhere(at: usize): v128 {
  return v128.load_splat<u32>(at);
}
