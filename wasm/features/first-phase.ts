/** The cheap score of all candidates; see `src/features/first-phase.ts`. */
import {
  artistGapLn,
  artists,
  firstPhaseScores,
  frontWideLn,
  hazardLn,
  last,
  neighboursBit,
  neighboursSource,
  nowLn,
  plays,
  poolBit,
  popularityAt,
  recordBytes,
  scores,
  sources,
  tracks,
} from './layout';
import { byArtist } from './artist';
import { byGapBin, gapLnOf } from './history';
import { everywhere, lanes, ln } from './lanes';
import { namedBy, ofSource } from './retrieval';

/** Score of a track the listener never played, before what follows and popularity are added. */
const NEVER_PLAYED: f32 = -2;
/** ln of the gap within which an artist counts as just heard: about 55 plays. */
const ARTIST_GAP: f32 = 4;
const FOLLOWING: f32 = 0.5;
const FOLLOWING_SCALE: f32 = 20;
const POOL: f32 = 0.5;
const POPULARITY: f32 = 0.25;
/** Added to a popularity, so that those of rare tracks do not differ by much. */
const POPULARITY_SMALL: f32 = 0.01;
const RATE: f32 = 1.5;
const FRONT: f32 = 0.3;

const ONE = f32x4.splat(1);
const ZERO = f32x4.splat(0);

/** How due a track is that was played before. */
function due(count: v128, a: usize, b: usize, c: usize, d: usize): v128 {
  const gapLn = gapLnOf(lanes(last + a, last + b, last + c, last + d));
  const late = f32x4.sub(f32x4.add(gapLn, ln(count)), everywhere(nowLn));
  const front = lanes(frontWideLn + a, frontWideLn + b, frontWideLn + c, frontWideLn + d);
  return f32x4.add(
    f32x4.add(ln(f32x4.add(count, ONE)), f32x4.mul(f32x4.splat(RATE), f32x4.min(ZERO, late))),
    f32x4.add(byGapBin(hazardLn, gapLn), f32x4.mul(f32x4.splat(FRONT), front)),
  );
}

/** Scores the four candidates at these places of a column, and writes them as number `i` of the call and the three after it. */
export function firstPhaseOf(a: usize, b: usize, c: usize, d: usize, records: usize, i: i32): void {
  const count = lanes(plays + a, plays + b, plays + c, plays + d);
  const known = f32x4.gt(count, ZERO);
  let score = f32x4.splat(NEVER_PLAYED);
  if (v128.any_true(known)) score = v128.bitselect(due(count, a, b, c, d), score, known);
  const off = f32x4.sub(
    byArtist(artistGapLn, lanes(artists + a, artists + b, artists + c, artists + d)),
    f32x4.splat(ARTIST_GAP),
  );
  score = f32x4.add(score, v128.and(off, f32x4.lt(off, ZERO)));
  const by = lanes(sources + a, sources + b, sources + c, sources + d);
  const isNeighbour = namedBy(by, neighboursBit);
  if (v128.any_true(isNeighbour)) {
    const following = ofSource(scores, neighboursSource, a, b, c, d);
    const gain = ln(f32x4.add(ONE, f32x4.mul(following, f32x4.splat(FOLLOWING_SCALE))));
    const counts = v128.and(isNeighbour, f32x4.gt(following, ZERO));
    score = f32x4.add(score, v128.and(f32x4.mul(f32x4.splat(FOLLOWING), gain), counts));
  }
  score = f32x4.add(score, v128.and(f32x4.splat(POOL), namedBy(by, poolBit)));
  const popularity = records + popularityAt;
  const share = lanes(
    popularity + recordBytes * load<u32>(tracks + a),
    popularity + recordBytes * load<u32>(tracks + b),
    popularity + recordBytes * load<u32>(tracks + c),
    popularity + recordBytes * load<u32>(tracks + d),
  );
  const popularityLn = ln(f32x4.add(share, f32x4.splat(POPULARITY_SMALL)));
  v128.store(firstPhaseScores + 4 * i, f32x4.add(score, f32x4.mul(f32x4.splat(POPULARITY), popularityLn)));
}
