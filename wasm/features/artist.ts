/** When the listener last heard the track's artist; see `src/features/definitions/artist.ts`. */
import { artistGapLn, artistGapMeanLn, artistShareLn } from './layout';
import { lanes, put } from './lanes';

/** What a table by artist holds; NaN for the artist -1. */
export function byArtist(table: usize, artists: v128): v128 {
  return lanes(
    table + 4 * i32x4.extract_lane(artists, 0),
    table + 4 * i32x4.extract_lane(artists, 1),
    table + 4 * i32x4.extract_lane(artists, 2),
    table + 4 * i32x4.extract_lane(artists, 3),
  );
}

export function artist(artists: v128, out: usize): void {
  const gapLn = byArtist(artistGapLn, artists);
  put(out, gapLn);
  put(out + 4, f32x4.add(gapLn, byArtist(artistShareLn, artists)));
  put(out + 8, f32x4.sub(gapLn, byArtist(artistGapMeanLn, artists)));
}
