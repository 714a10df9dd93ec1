/** The features of candidates and the first phase, four candidates at a time. Places and sizes are in `layout.ts`. */
import { artists, matrix, recordBytes, slots, tracks, width } from './layout';
import { artist } from './artist';
import { audio } from './audio';
import { firstPhaseOf } from './first-phase';
import { history } from './history';
import { lanes } from './lanes';
import { popularity } from './popularity';
import { retrieval } from './retrieval';
import { rotation } from './rotation';
import { session } from './session';
import { taste } from './taste';

export * from './layout';

/** Makes the slots of a call a multiple of four by repeating the last one. @param count at least 1 */
function pad(count: i32): void {
  const lastSlot = load<u32>(slots + 4 * (count - 1));
  for (let i = count; (i & 3) !== 0; i++) store<u32>(slots + 4 * i, lastSlot);
}

/** The place of a slot of the call in a column, in bytes. */
function placeOf(i: i32): usize {
  return 4 * load<u32>(slots + 4 * i);
}

/** First-phase scores of `slots`. @param count at least 1 */
export function firstPhase(count: i32, records: usize): void {
  pad(count);
  for (let i = 0; i < count; i += 4) {
    firstPhaseOf(placeOf(i), placeOf(i + 1), placeOf(i + 2), placeOf(i + 3), records, i);
  }
}

/** A row of the matrix for each of `slots`. @param count 1 to `rowsMax` */
export function features(count: i32, records: usize): void {
  pad(count);
  for (let i = 0; i < count; i += 4) {
    const a = placeOf(i);
    const b = placeOf(i + 1);
    const c = placeOf(i + 2);
    const d = placeOf(i + 3);
    const trackA = load<u32>(tracks + a);
    const trackB = load<u32>(tracks + b);
    const trackC = load<u32>(tracks + c);
    const trackD = load<u32>(tracks + d);
    const ra = records + recordBytes * trackA;
    const rb = records + recordBytes * trackB;
    const rc = records + recordBytes * trackC;
    const rd = records + recordBytes * trackD;
    const by = lanes(artists + a, artists + b, artists + c, artists + d);
    const out: usize = matrix + 4 * width * i;
    retrieval(a, b, c, d, out);
    popularity(a, b, c, d, ra, rb, rc, rd, out + 4 * 6);
    history(a, b, c, d, out + 4 * 9);
    rotation(a, b, c, d, out + 4 * 19);
    session(a, b, c, d, out + 4 * 22);
    taste(by, ra, rb, rc, rd, out + 4 * 28);
    audio(ra, rb, rc, rd, out + 4 * 31);
    artist(by, out + 4 * 38);
  }
}
