/** Whether the queue that the track belongs to has come to it; see `src/features/definitions/rotation.ts`. */
import { frontNear, frontNearest, frontWideLn } from './layout';
import { lanes, ln, lnOfDistance, put } from './lanes';

const SIGN = i32x4.splat(0x80000000);

export function rotation(a: usize, b: usize, c: usize, d: usize, out: usize): void {
  put(out, ln(f32x4.add(lanes(frontNear + a, frontNear + b, frontNear + c, frontNear + d), f32x4.splat(0.1))));
  put(out + 4, lanes(frontWideLn + a, frontWideLn + b, frontWideLn + c, frontWideLn + d));
  const distance = lanes(frontNearest + a, frontNearest + b, frontNearest + c, frontNearest + d);
  put(out + 8, v128.bitselect(distance, lnOfDistance(distance), SIGN));
}
